import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { agentOver } from "./agents.ts";
import { SEED, sandbox } from "./helpers.ts";

it("what gateways recorded is signed, replays as it went, and shows what another policy flips", async () => {
  const box = sandbox();
  const policy = box.policy(SEED);
  const agent = await agentOver("stdio", box, { policy, args: ["--audit-keep", "30"] });
  for (const amount of [50_000, 60_000, 20_000]) await agent.call("create_charge", { amount });
  await expect.poll(() => box.records().map(({ kind }) => kind)).toContain("checkpoint");
  await agent.gateway.end();

  const run = (...args: string[]) => {
    const [command = "", ...rest] = box.command(...args);
    return spawnSync(command, rest, { env: box.env, encoding: "utf8", timeout: 20_000 });
  };
  const audit = join(box.home, "audit");
  expect(run("replay", audit, "-c", policy)).toMatchObject({
    status: 0,
    stdout: "3 calls: 3 as recorded, 0 another way\n",
  });
  const tighter = box.policy(SEED.replace("50000", "10000"), "tighter.yaml");
  const { status, stdout } = run("replay", audit, "-c", tighter, "--json");
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    calls: 3,
    flipped: 2,
    flips: [{ from: "allow", to: "deny", rule: { name: "max single charge" }, count: 2 }],
  });
  const key = box.write("key.pem", run("audit", "key").stdout);
  expect(run("audit", "verify", "--key", key)).toMatchObject({ status: 0 });
  expect(run("audit", "verify").stdout).toMatch(/the chain is whole, signed\n$/);
});
