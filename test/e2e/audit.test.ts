import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../src/audit/record.ts";
import { verifyDir } from "../../src/audit/verify.ts";
import { agentOver, denied, WAYS } from "./agents.ts";
import { type Sandbox, SEED, sandbox } from "./helpers.ts";

const of = <K extends AuditRecord["kind"]>(box: Sandbox, kind: K) =>
  box.records().filter((record): record is Extract<AuditRecord, { kind: K }> => record.kind === kind);

const whole = async (box: Sandbox) => {
  const reports = await verifyDir(join(box.home, "audit"));
  expect(reports.flatMap(({ findings }) => findings)).toEqual([]);
  return reports;
};

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe.each(WAYS)("over %s", (way) => {
  it("each decision has its record, and each answer, in one whole chain", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(SEED) });
    await agent.call("create_charge", { amount: 50_000, api_key: "sk_live_0123456789abcdef" });
    await agent.call("create_charge", { amount: 50_001 });
    await agent.call("create_charge", { amount: -5 });
    await agent.call("fail");
    await agent.call("tool_error");
    await agent.ask("tools/list");
    await agent.gateway.kill();

    const calls = of(box, "call");
    expect(calls.map(({ tool, verdict }) => [tool, verdict])).toEqual([
      ["create_charge", "allow"],
      ["create_charge", "deny"],
      ["create_charge", "deny"],
      ["fail", "allow"],
      ["tool_error", "allow"],
    ]);
    expect(calls[0]).toMatchObject({
      agent: way === "stdio" ? "peer" : "raw",
      upstream: "echo-server",
      arguments: { amount: 50_000, api_key: "[masked]" },
      rule: null,
      counters: [{ before: "0", add: "50000" }],
    });
    expect(calls[1]).toMatchObject({
      rule: { name: "max single charge", tool: "create_charge", line: 6 },
      message: "Single charge cannot exceed $500.00",
      counters: [],
    });
    expect(calls[2]?.message).toMatch(/must not be negative/);
    expect(of(box, "result").map(({ call, outcome }) => [call, outcome])).toEqual([
      [calls[0]?.call, "ok"],
      [calls[3]?.call, "error"],
      [calls[4]?.call, "tool_error"],
    ]);
    expect(box.records().map(({ kind }) => kind)).toEqual(expect.arrayContaining(["open", "close"]));
    expect(await whole(box)).toMatchObject([{ closed: true, torn: null }]);
  });
});

it("is on disk before the call is on the wire", async () => {
  const box = sandbox();
  const peer = box.stdio({ policy: box.policy(SEED) });
  await peer.initialize();
  void peer.call("never", { n: 1 }).catch(() => {});
  await expect.poll(() => box.received().some((line) => line.includes("never"))).toBe(true);
  await peer.kill("SIGKILL");
  expect(of(box, "call").map(({ tool }) => tool)).toEqual(["never"]);
  await whole(box);
});

it("of a gateway that ends as soon as it started is signed", async () => {
  const box = sandbox();
  await box.stdio({ policy: box.policy(SEED), server: [process.execPath, "-e", "process.exit(3)"] }).exited;
  expect(box.records().map(({ kind }) => kind)).toEqual(["open", "checkpoint", "close"]);
});

it("says which old files it removed, and signs that at once", async () => {
  const box = sandbox();
  mkdirSync(join(box.home, "audit"), { recursive: true, mode: 0o700 });
  writeFileSync(join(box.home, "audit", "2020-01-01-old.jsonl"), "");
  const peer = box.stdio({ policy: box.policy(SEED), args: ["--audit-keep", "30"] });
  await peer.initialize();
  const kinds = () => box.records().map(({ kind }) => kind);
  await expect.poll(kinds).toEqual(["open", "checkpoint", "removed", "checkpoint"]);
  expect(of(box, "removed")[0]?.files).toEqual(["2020-01-01-old.jsonl"]);
});

it("records reloads, broken ones too, and refused frames", async () => {
  const box = sandbox();
  const policy = box.policy(SEED);
  const peer = box.stdio({ policy, args: ["--log-level", "info"] });
  await peer.initialize();
  peer.send("garbage");
  writeFileSync(policy, SEED.replace("lte", "lessthan"));
  await peer.logged("the last good policy decides");
  writeFileSync(policy, SEED.replace("50000", "60000"));
  await peer.logged("policy mended").catch(() => peer.logged("policy reloaded"));
  await peer.end();
  expect(of(box, "refused")).toMatchObject([{ side: "agent" }]);
  expect(of(box, "reload").map(({ ok, problems }) => [ok, problems.length])).toEqual([
    [false, 1],
    [true, 0],
  ]);
  await whole(box);
});

it("each gateway keeps a log of its own, and all verify", async () => {
  const box = sandbox();
  const policy = box.policy(SEED);
  const agents = await Promise.all([1, 2, 3].map(() => agentOver("stdio", box, { policy })));
  await Promise.all(agents.map((agent) => agent.call("create_charge", { amount: 1 })));
  await Promise.all(agents.map(({ gateway }) => gateway.end()));
  expect(await whole(box)).toHaveLength(3);
});

it("shows where a record was edited", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(SEED) });
  expect(denied(await agent.call("create_charge", { amount: 60_000 }))).toBeDefined();
  await agent.gateway.end();
  const dir = join(box.home, "audit");
  const [name = ""] = readdirSync(dir);
  const lines = box.records().map((record) => JSON.stringify(record));
  writeFileSync(join(dir, name), `${lines.map((line) => line.replace("60000", "6")).join("\n")}\n`);
  const line = lines.findIndex((each) => each.includes("60000")) + 1;
  const [report] = await verifyDir(dir);
  expect(report?.findings).toEqual([{ line, message: expect.stringContaining("was edited") }]);
});

it("is for its owner's eyes only, whatever the umask and the home were", async () => {
  const box = sandbox();
  const loose = ["sh", "-c", 'umask 000 && chmod 755 "$CALLGATE_HOME" && exec "$@"', "sh"];
  const peer = box.spawn([...loose, ...box.gate("stdio", { policy: box.policy(SEED) })]);
  await peer.initialize();
  await peer.call("create_charge", { amount: 1 });
  await expect.poll(() => readdirSync(join(box.home, "run"))).toHaveLength(1);
  expect(["", "audit", "run"].map((dir) => mode(join(box.home, dir)))).toEqual(["700", "700", "700"]);
  const files = readdirSync(box.home, { recursive: true, withFileTypes: true }).filter(
    (f) => !f.isDirectory(),
  );
  expect(files.length).toBeGreaterThan(2);
  for (const { parentPath, name } of files) expect(mode(join(parentPath, name)), name).toBe("600");
});
