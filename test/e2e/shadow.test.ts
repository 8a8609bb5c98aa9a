/** `--shadow`: everything decided and recorded, nothing blocked; and the log as people read it. */
import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { agentOver, denied } from "./agents.ts";
import { SEED, sandbox } from "./helpers.ts";

it("lets through what the policy would deny, and says so in the log", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(SEED), args: ["--shadow"] });
  const answer = await agent.call("create_charge", { amount: 50001 });
  expect(denied(answer)).toBeUndefined();
  expect(answer.result?.structuredContent).toEqual({ amount: 50001 });
  expect(box.records().find(({ kind }) => kind === "call")).toMatchObject({
    verdict: "allow",
    would: { verdict: "deny", rule: "max single charge", message: "Single charge cannot exceed $500.00" },
  });
});

it("audit show filters, audit verify finds an edit", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(SEED) });
  await agent.call("create_charge", { amount: 100 });
  await agent.call("create_charge", { amount: 50001 });
  await agent.call("echo");
  agent.gateway.end();
  await agent.gateway.exited;

  const show = box.callgate("audit", "show", "--verdict", "deny", "--tool", "create_*");
  expect((await show.exited).code).toBe(0);
  expect(show.lines).toHaveLength(1);
  expect(show.lines[0]).toContain('#2 deny  echo-server/create_charge {"amount":50001}');
  expect(show.lines[0]).toContain("max single charge");

  const verify = box.callgate("audit", "verify");
  expect((await verify.exited).code).toBe(0);
  const dir = join(box.home, "audit");
  appendFileSync(join(dir, readdirSync(dir)[0] ?? ""), '{"seq":99}\n');
  const again = box.callgate("audit", "verify");
  expect((await again.exited).code).toBe(1);

  const bad = box.callgate("audit", "show", "--since", "yesterday-ish");
  expect((await bad.exited).code).toBe(2);
  expect(bad.stderr).toContain("is no time: give 2026-11-23, 2h, 30m or 7d");
});
