/** `callgate demo` and `callgate run`, as a person and as a pipe see them. */
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { TerminalUnderTest } from "../screen/terminal.ts";
import { CALLGATE, NODE, PAYMENTS, ROOT, type Sandbox, SEED, sandbox } from "./helpers.ts";
import { startedWith } from "./processes.ts";

const CALL = /^\d\d:\d\d:\d\d\.\d{3} (?:allow|DENY)/;

/** Everything of the demo, whose home is a folder of its own. */
const processes = (box: Sandbox) => startedWith("RECORD_FILE", box.recordFile);

/** What is left of the folders that demos keep their state in. */
const leftovers = (box: Sandbox) =>
  readdirSync(box.dir, { recursive: true }).filter((path) => String(path).startsWith("callgate-demo"));

/** The program where its files may be edited. */
function copyOfCallgate(box: Sandbox): string {
  const app = join(box.dir, "app");
  for (const part of ["bin", "dist", "policies", "package.json"]) {
    cpSync(join(ROOT, part), join(app, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(app, "node_modules"));
  return app;
}

function terminal(box: Sandbox, command: readonly string[], cwd = box.dir): TerminalUnderTest {
  const one = new TerminalUnderTest(120, 36, command, { ...box.env, TMPDIR: box.dir }, cwd);
  onTestFinished(() => one.kill());
  return one;
}

it("the demo without a terminal: a line a call, a summary, status 0, nothing left behind", async () => {
  const box = sandbox();
  const demo = box.spawn([NODE, CALLGATE, "demo"], { TMPDIR: box.dir });
  expect(await demo.exited).toEqual({ code: 0, signal: null });
  const lines = demo.stderr.trimEnd().split("\n");
  const calls = lines.filter((line) => CALL.test(line));
  expect(lines[0]).toMatch(/^callgate listening on http:\/\/127\.0\.0\.1:\d+\/mcp$/);
  expect(calls.length).toBeGreaterThan(15);
  const summary = lines.slice(1 + calls.length);
  expect(summary[0]).toMatch(
    new RegExp(`^${calls.length} calls: \\d+ allowed \\(1 failed\\), [4-9] denied$`),
  );
  expect(summary.join("\n")).toContain("Single charge cannot exceed $500.00");
  expect(summary.join("\n")).toContain("Slow down: eight look-ups a minute");
  expect(summary.join("\n")).toContain("delete_customer");
  expect(processes(box)).toEqual([]);
  expect(leftovers(box)).toEqual([]);
  expect(readdirSync(box.home)).toEqual([]);
});

it("the demo on a terminal: calls are seen, the edited file is obeyed, q leaves nothing behind", async () => {
  const box = sandbox();
  const app = copyOfCallgate(box);
  const screen = terminal(box, [NODE, join(app, "bin/callgate.js"), "demo"], app);
  await screen.until("policies/payments.yaml and save: the next call obeys");
  await screen.until("get_balance");
  await screen.until("create_charge");
  await screen.until("max single charge");
  const policy = join(app, "policies/payments.yaml");
  const text = readFileSync(policy, "utf8");
  writeFileSync(policy, text.replace('op: "lte"', 'op: "lessthan"'));
  await screen.until('unknown operator "lessthan"');
  writeFileSync(policy, text.replace("hide:\n", 'hide:\n  - "*"\n'));
  await screen.until(() => !screen.text().includes("lessthan"));
  await screen.until(/✗ DENY.*hidden/i);
  screen.type("q");
  await screen.until("quit? The gateway of payments ends with this screen. y/n");
  screen.type("n");
  await screen.until("nothing was done");
  screen.type("q");
  await screen.until("quit?");
  screen.type("y");
  expect(await screen.exited).toBe(0);
  expect(screen.alternate).toBe(false);
  await expect.poll(() => processes(box)).toEqual([]);
  expect(leftovers(box)).toEqual([]);
});

it("ctrl-c at the demo without a terminal ends all of it", async () => {
  const box = sandbox();
  const demo = box.spawn([NODE, CALLGATE, "demo"], { TMPDIR: box.dir });
  await demo.logged("get_balance");
  await demo.kill("SIGINT");
  expect(processes(box)).toEqual([]);
  expect(leftovers(box)).toEqual([]);
});

it("run on a terminal: its calls are seen, q ends gateway and servers", async () => {
  const box = sandbox();
  const policy = box.policy(SEED);
  const screen = terminal(box, [NODE, CALLGATE, "run", "-c", policy, "--port", "0", "--", ...PAYMENTS]);
  await screen.until(/http:\/\/127\.0\.0\.1:\d+\/mcp/);
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(screen.text()) ?? [];
  const client = await box.v1(new URL(url));
  await client.callTool({
    name: "create_charge",
    arguments: { amount: 60_000, currency: "usd", customer: "cus_ada" },
  });
  await screen.until("max single charge");
  await screen.until("60000");
  screen.type("q");
  await screen.until("quit?");
  screen.type("q"); // Again: they mean it.
  expect(await screen.exited).toBe(0);
  await expect.poll(() => box.processes()).toEqual([]);
});

it("run on a terminal that cannot start says why where it was called", async () => {
  const box = sandbox();
  const screen = terminal(box, [NODE, CALLGATE, "run", "-c", "missing.yaml", "--", ...PAYMENTS]);
  expect(await screen.exited).toBe(1);
  await screen.until("missing.yaml");
  expect(screen.alternate).toBe(false);
  expect(box.processes()).toEqual([]);
});

it("run without a terminal: a line a call, and a summary when it ends", async () => {
  const box = sandbox();
  const run = box.callgate("run", "-c", box.policy(SEED), "--port", "0", "--", ...PAYMENTS);
  const [url = ""] = /http:\S+/.exec(await run.logged("/mcp")) ?? [];
  const client = await box.v1(new URL(url));
  await client.callTool({
    name: "create_charge",
    arguments: { amount: 60_000, currency: "usd", customer: "cus_ada" },
  });
  await run.logged(/DENY .*payments-server\/create_charge .*60000.* max single charge: Single charge cannot/);
  expect(await run.kill("SIGINT")).toEqual({ code: 0, signal: null });
  expect(run.stderr).toMatch(/\n1 calls?: 0 allowed \(0 failed\), 1 denied\n/);
  expect(box.processes()).toEqual([]);
});
