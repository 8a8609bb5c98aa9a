/** Calls out of audit logs. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AuditLog } from "../../src/audit/log.ts";
import type { RecordBody } from "../../src/audit/record.ts";
import { pastDetail } from "../../src/control/past/detail.ts";
import { latestCalls, logsSince, type PastCall } from "../../src/control/past/logs.ts";
import { call } from "../audit/sample.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "callgate-past-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const result = (id: string, over: Partial<Extract<RecordBody, { kind: "result" }>> = {}): RecordBody => ({
  kind: "result",
  call: id,
  outcome: "ok",
  resultHash: "r".repeat(64),
  bytes: 100,
  ms: 7,
  refunded: false,
  handed: null,
  plugins: [],
  ...over,
});

function write(gateway: string, bodies: readonly RecordBody[], maxBytes = 1 << 20): void {
  const now = () => Date.now();
  const log = new AuditLog(dir, gateway, "0.1.0", now, maxBytes);
  for (const body of bodies) {
    log.append(body);
    log.flush();
  }
  log.close("done");
}

let unreadable = 0;
async function all(since = 0): Promise<PastCall[]> {
  const calls: PastCall[] = [];
  unreadable = 0;
  for await (const past of latestCalls(await logsSince(dir, since), () => unreadable++)) calls.push(past);
  return calls;
}

const RULE = { name: "cap", tool: "create_charge", file: "p.yaml", line: 7 };

it("is what the gateway showed of them: denied, held and approved, held and denied, ended, running", async () => {
  const asks = { verdict: "ask", rule: RULE, message: "a person looks" } as const;
  write("7-abc", [
    call("1", { arrived: 10, verdict: "deny", rule: RULE, message: "too much" }),
    call("2", { arrived: 20, ...asks }),
    call("3", { arrived: 30 }),
    { kind: "hold", call: "2", answer: "approved", message: "" },
    call("2", { arrived: 40 }),
    result("3", { outcome: "tool_error", ms: 12 }),
    result("2"),
    call("4", { arrived: 50, ...asks }),
    { kind: "hold", call: "4", answer: "denied", message: "not today" },
    call("5", { arrived: 60, recorded: "hash", arguments: { $hash: "h", $bytes: 70_000 } }),
    call("6", { arrived: 70, would: { verdict: "deny", rule: "watched", message: "it would" } }),
  ]);
  const calls = await all();
  expect(
    calls.map(({ call: { id, time, verdict, outcome, ms } }) => [id, time, verdict, outcome, ms]),
  ).toEqual([
    ["6", 70, "allow", null, null],
    ["5", 60, "allow", null, null],
    // As long as a person took to answer: the log was written just now.
    ["4", 50, "deny", "denied", expect.closeTo(Date.now(), -5)],
    ["3", 30, "allow", "tool_error", 12],
    ["2", 20, "allow", "ok", 7],
    ["1", 10, "deny", "denied", 0],
  ]);
  expect(calls[2]?.call).toMatchObject({ rule: RULE, message: "not today" });
  expect(calls[1]?.call.arguments).toBe('{"$hash":"h","$bytes":70000}');
  expect(calls[0]?.call.would?.rule.name).toBe("watched");
});

it("joins what is in two files, or far apart, and gives each call once", async () => {
  const bodies: RecordBody[] = [call("held", { arrived: 1, verdict: "ask", rule: RULE })];
  for (let n = 1; n <= 1_000; n++) bodies.push(call(String(n), { arrived: 1 + n }), result(String(n)));
  bodies.push({ kind: "hold", call: "held", answer: "denied", message: "no" });
  write("7-abc", bodies, 100_000);
  const logs = await logsSince(dir, 0);
  expect(logs[0]?.files.length).toBeGreaterThan(3);
  const calls = await all();
  expect(calls).toHaveLength(1_001);
  expect(calls.slice(0, 1_000).every(({ call: { outcome } }) => outcome === "ok")).toBe(true);
  expect(calls.at(-1)?.call).toMatchObject({ id: "held", verdict: "deny", message: "no" });
});

it("merges gateways, the latest first, and opens no log before its time has come", async () => {
  const start = Date.now() - 1_000;
  for (let gateway = 0; gateway < 5; gateway++) {
    const times = Array.from({ length: 40 }, (_, n) => n * 5 + gateway);
    write(
      `${gateway}-abc`,
      times.map((arrived) => call(String(arrived), { arrived: start + arrived })),
    );
  }
  const calls = await all();
  expect(calls.map(({ call: { id } }) => Number(id))).toEqual(Array.from({ length: 200 }, (_, n) => 199 - n));
});

it("passes over what is no record, and over files that are no logs", async () => {
  mkdirSync(join(dir, "sub"));
  write("7-abc", [call("1")]);
  const { appendFileSync, readdirSync, writeFileSync } = await import("node:fs");
  const [name = ""] = readdirSync(dir).filter((each) => each.endsWith(".jsonl"));
  appendFileSync(join(dir, name), 'garbage\n{"kind":"call"}\n\0\n{"torn":');
  writeFileSync(join(dir, "notes.jsonl"), "hello\n");
  expect((await all()).map(({ call: { id } }) => id)).toEqual(["1"]);
  expect(unreadable).toBe(3);
  expect(await logsSince(join(dir, "nowhere"), 0)).toEqual([]);
  expect(await logsSince(dir, Date.now() + 1_000)).toEqual([]);
});

describe("a call's detail", () => {
  it("has the arguments as recorded, the counters, the answers and the hashes", async () => {
    const counters = [{ id: '["pay","create_charge","spend","day","claude"]', before: "1", add: "2" }];
    write("7-abc", [
      call("1", { verdict: "ask", rule: RULE }),
      { kind: "hold", call: "1", answer: "edited", message: "" },
      call("1", { arguments: { amount: 1 }, edited: { amount: 2 }, recorded: "masked", counters }),
      result("1", { refunded: true }),
      call("11"),
    ]);
    expect(await pastDetail(dir, "7-abc", "1")).toMatchObject({
      arguments: '{\n  "amount": 2\n}',
      came: '{\n  "amount": 1\n}',
      recorded: "masked",
      counters: [{ name: "create_charge.spend [claude]", before: "1", add: "2" }],
      policy: "p1",
      held: null,
      result: { resultHash: "r".repeat(64), refunded: true },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await pastDetail(dir, "7-abc", "111")).toBeNull();
    expect(await pastDetail(dir, "8-abc", "1")).toBeNull();
  });
});
