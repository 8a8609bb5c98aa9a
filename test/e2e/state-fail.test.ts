/** What becomes of calls when the counters cannot be reached any more. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { agentOver, denied } from "./agents.ts";
import { type Sandbox, sandbox } from "./helpers.ts";

const POLICY = `version: "1"
tools:
  create_charge:
    rules:
      - { name: most, conditions: [{ path: args.amount, op: lte, value: 100 }] }
      - { name: pace, rate_limit: 1/day }
`;

/** Somebody takes the tables away, under a running gateway. */
function breakState(box: Sandbox): void {
  const db = new DatabaseSync(join(box.home, "state.db"), { timeout: 5_000 });
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  for (const { name } of tables) db.exec(`DROP TABLE ${name}`);
  db.close();
}

it("closed: those that need counters are denied, and the others go on", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(POLICY) });
  expect(denied(await agent.call("create_charge", { amount: 5 }))).toBeUndefined();
  breakState(box);
  expect(denied(await agent.call("create_charge", { amount: 5 }))).toMatch(
    /The call is refused\. state file/,
  );
  expect(denied(await agent.call("echo", {}))).toBeUndefined();
  await expect
    .poll(() => box.records().find((record) => record.kind === "call" && record.verdict === "deny"))
    .toMatchObject({ rule: { name: "counters unavailable", line: 0 }, uncounted: false });
});

it("open: they go on uncounted, which is recorded and logged, and the rules deny as ever", async () => {
  const box = sandbox();
  const args = ["--state-fail-mode", "open"];
  const agent = await agentOver("stdio", box, { policy: box.policy(POLICY), args });
  expect(denied(await agent.call("create_charge", { amount: 5 }))).toBeUndefined();
  expect(denied(await agent.call("create_charge", { amount: 5 }))).toMatch(/limit of 1 calls/);
  breakState(box);
  expect(denied(await agent.call("create_charge", { amount: 5 }))).toBeUndefined();
  expect(denied(await agent.call("create_charge", { amount: 500 }))).toMatch(/must be at most 100/);
  await agent.gateway.logged(/a call goes uncounted \(--state-fail-mode open\): state file/);
  const uncounted = () =>
    box.records().flatMap((record) => (record.kind === "call" && record.uncounted ? [record.verdict] : []));
  await expect.poll(uncounted).toEqual(["allow", "deny"]);
});
