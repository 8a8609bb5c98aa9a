/** Calls that wait for a person. */
import { describe, expect, it } from "vitest";
import type { GatewayConnection } from "../../src/control/client.ts";
import { callDetail, snapshot } from "../../src/control/protocol.ts";
import { agentOver, counters, denied, person, type RawAgent, WAYS } from "./agents.ts";
import { type GateOptions, type Sandbox, sandbox } from "./helpers.ts";

const ASK = `version: "1"
tools:
  create_charge:
    rules:
      - name: never more
        conditions: [{ path: args.amount, op: lte, value: 1000 }]
      - name: spend
        conditions: [{ path: state.create_charge.spent, op: lte, value: 5000 }]
        state: { counter: spent, window: day, increment_from: args.amount }
      - name: a person looks
        when: [{ path: args.amount, op: gt, value: 100 }]
        action: ask
        timeout: 1m
        on_deny: A person said no
`;

async function held(connection: GatewayConnection): Promise<string[]> {
  return snapshot.parse(await connection.command("snapshot")).holds.map(({ id }) => id);
}

/** A call that is held, the person who is to answer it, and what the agent will be told. */
async function heldCall(box: Sandbox, agent: RawAgent, amount = 500) {
  const connection = await person(box);
  const answer = agent.call("create_charge", { amount });
  await expect.poll(() => held(connection)).toHaveLength(1);
  const [id = ""] = await held(connection);
  return { connection, answer, id };
}

const start = (way: (typeof WAYS)[number], box: Sandbox, options: GateOptions = {}) =>
  agentOver(way, box, { policy: box.policy(ASK), ...options });

describe.each(WAYS)("over %s", (way) => {
  it("an approved call goes on, and counts only then", async () => {
    const box = sandbox();
    const agent = await start(way, box);
    const { connection, answer, id } = await heldCall(box, agent);
    expect(box.received().filter((line) => line.includes("create_charge"))).toEqual([]);
    expect(counters(box)).toEqual({});
    await connection.command(`approve ${id}`);
    expect((await answer).result?.structuredContent).toEqual({ amount: 500 });
    expect(counters(box)).toEqual({ "create_charge.spent": 500 });
    await expect(connection.command(`approve ${id}`)).rejects.toThrow(`No call ${id} is held`);
    const { timing } = callDetail.parse(await connection.command(`why ${id}`));
    expect(timing.held).toBeGreaterThan(0);
    expect(timing.total).toBeCloseTo(timing.gate + (timing.held ?? 0) + (timing.server ?? 0), 2);
    connection.close();
  });

  it("a denied call is told the rule's words, or the person's", async () => {
    const box = sandbox();
    const agent = await start(way, box);
    const first = await heldCall(box, agent);
    await first.connection.command(`deny ${first.id}`);
    expect(denied(await first.answer)).toBe("A person said no");
    const second = await heldCall(box, agent);
    await second.connection.command(`deny ${second.id} Ask me tomorrow`);
    expect(denied(await second.answer)).toBe("Ask me tomorrow");
    expect(counters(box)).toEqual({});
    first.connection.close();
    second.connection.close();
  });

  it("an edited call goes on with the edit, which is judged again", async () => {
    const box = sandbox();
    const agent = await start(way, box);
    const { connection, answer, id } = await heldCall(box, agent);
    await connection.command(`edit ${id} {"amount": 250.50, "note": "less"}`);
    expect((await answer).result?.structuredContent).toEqual({ amount: 250.5, note: "less" });
    expect(counters(box)).toEqual({ "create_charge.spent": 250.5 });
    const worse = await heldCall(box, agent);
    await worse.connection.command(`edit ${worse.id} {"amount": 1001}`);
    expect(denied(await worse.answer)).toMatch(/never more/);
    connection.close();
    worse.connection.close();
  });
});

it("a call that is not answered in time is denied", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(ASK.replace("1m", "1s")) });
  expect(denied(await agent.call("create_charge", { amount: 500 }))).toBe(
    "A person said no (no answer in time)",
  );
});

it("a cancel overtakes a held call, which its server never sees", async () => {
  const box = sandbox();
  const agent = await start("stdio", box);
  const connection = await person(box);
  const params = '"params":{"name":"create_charge","arguments":{"amount":500}}';
  agent.gateway.send(`{"jsonrpc":"2.0","id":"h","method":"tools/call",${params}}`);
  await expect.poll(() => held(connection)).toHaveLength(1);
  agent.gateway.notify("notifications/cancelled", { requestId: "h" });
  await expect.poll(() => held(connection)).toEqual([]);
  expect((await agent.call("echo", { alive: true })).result?.structuredContent).toEqual({ alive: true });
  expect(box.received().filter((line) => /create_charge|cancelled/.test(line))).toEqual([]);
  connection.close();
});

it("an approval is for the policy that asked", async () => {
  const box = sandbox();
  const agent = await start("stdio", box);
  const { connection, answer, id } = await heldCall(box, agent);
  box.policy(`${ASK}description: another\n`);
  await expect.poll(async () => snapshot.parse(await connection.command("snapshot")).policy.reloads).toBe(1);
  await connection.command(`approve ${id}`);
  expect(await held(connection)).toEqual([id]); // asked anew
  await connection.command(`approve ${id}`);
  expect((await answer).result?.structuredContent).toEqual({ amount: 500 });
  connection.close();
});

it("a server cannot answer a call that it has not been sent", async () => {
  const box = sandbox();
  const agent = await start("stdio", box);
  const connection = await person(box);
  const params = '"params":{"name":"create_charge","arguments":{"amount":500}}';
  agent.gateway.send(`{"jsonrpc":"2.0","id":"h","method":"tools/call",${params}}`);
  await expect.poll(() => held(connection)).toHaveLength(1);
  await agent.call("say", { line: '{"jsonrpc":"2.0","id":"h","result":{"content":[]}}' });
  expect(await held(connection)).toHaveLength(1);
  expect(agent.gateway.messages.filter(({ id }) => id === "h")).toEqual([]);
  connection.close();
});

it("the end of the gateway denies what is held", async () => {
  const box = sandbox();
  const agent = await start("stdio", box);
  const { connection, answer } = await heldCall(box, agent);
  agent.gateway.kill("SIGTERM");
  expect((await answer).error?.message).toMatch(/ended|exited/);
  connection.close();
});

it("an agent that wants progress is told that the call waits", { timeout: 15_000 }, async () => {
  const box = sandbox();
  const agent = await start("stdio", box);
  const connection = await person(box);
  const params = '"params":{"name":"create_charge","arguments":{"amount":500},"_meta":{"progressToken":"t"}}';
  agent.gateway.send(`{"jsonrpc":"2.0","id":"h","method":"tools/call",${params}}`);
  const told = await agent.gateway.message(({ method }) => method === "notifications/progress");
  expect(told.params).toMatchObject({
    progressToken: "t",
    message: "Waiting for a person to approve the call",
  });
  connection.close();
});
