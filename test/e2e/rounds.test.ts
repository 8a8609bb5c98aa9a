/** Calls of several rounds (MCP 2026-07-28): judged each time, counted once. */
import { expect, it } from "vitest";
import { agentOver, counters, denied, type RawAgent } from "./agents.ts";
import { sandbox } from "./helpers.ts";

const SPEND = `version: "1"
tools:
  needs_input:
    rules:
      - name: cap
        conditions: [{ path: state.needs_input.spent, op: lte, value: 100 }]
        state: { counter: spent, window: day, increment_from: args.amount }
`;

const STATE = '"requestState":"the state of the server"';
const ask = async (agent: RawAgent, amount: number, more = "") =>
  JSON.parse(await agent.ask("tools/call", `{"name":"needs_input","arguments":{"amount":${amount}}${more}}`));

it("counts the retry of a call that the server asked for as the same call", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(SPEND) });
  expect((await ask(agent, 60)).result.resultType).toBe("input_required");
  expect((await ask(agent, 60, `,${STATE},"inputResponses":{}`)).result.structuredContent).toEqual({
    amount: 60,
  });
  await expect.poll(() => counters(box)).toEqual({ "needs_input.spent": 60 });
  const calls = box.records().flatMap((record) => (record.kind === "call" ? [record.call] : []));
  expect(calls).toEqual(["1", "1"]);
});

it("counts a call anew that only looks like a retry", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(SPEND) });
  await ask(agent, 40);
  await ask(agent, 40, `,${STATE}`); // the retry
  expect((await ask(agent, 40, `,${STATE}`)).result.isError).toBeUndefined(); // the state again: 80
  expect(denied(await ask(agent, 40, `,${STATE}`))).toMatch(/cap/); // 120
  expect(denied(await ask(agent, 41, `,"inputResponses":{}`))).toMatch(/cap/); // nothing of the kind was asked
  await expect.poll(() => counters(box)).toEqual({ "needs_input.spent": 80 });
});

it("judges the retry by the policy of the day", async () => {
  const box = sandbox();
  const policy = box.policy(SPEND);
  const agent = await agentOver("stdio", box, { policy });
  await ask(agent, 60);
  box.policy(SPEND.replace("value: 100", "value: 50"));
  await expect.poll(() => box.records().some(({ kind }) => kind === "reload")).toBe(true);
  expect(denied(await ask(agent, 60, `,${STATE}`))).toMatch(/cap/);
});
