/** Files of calls. */
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadCalls, savedLine } from "../../src/control/past/load.ts";
import { call, writeLog } from "../audit/sample.ts";
import { FakeGateway } from "../screen/fake-gateway.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "callgate-load-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (text: string): string => {
  const path = join(dir, "calls.jsonl");
  writeFileSync(path, text);
  return path;
};

it("gives back what was saved, the newest state of a call that is there twice", async () => {
  const gateway = new FakeGateway();
  const held = gateway.call({ verdict: "ask", outcome: null, ms: null });
  const others = [gateway.call(), gateway.call({ verdict: "deny", message: "\x1b[2J\u202e" })];
  const settled = { ...held, verdict: "allow", outcome: "ok", ms: 3 } as const;
  const all = [held, ...others, settled].map((each) => ({ gateway: "7-abc", call: each }));
  const { calls, audit } = await loadCalls(write(all.map(savedLine).join("\n")));
  expect(audit).toBe(false);
  expect(calls).toEqual(all.slice(1));
});

it("reads an audit log, torn as it may be", async () => {
  const log = writeLog(dir, 3, "7-abc", false);
  const path = log.path ?? "";
  log.append(call("9", { verdict: "deny" }));
  log.flush();
  appendFileSync(path, '{"seq":6,"ti');
  const { calls, audit } = await loadCalls(path);
  expect(audit).toBe(true);
  expect(calls.map(({ gateway, call: { id, outcome } }) => [gateway, id, outcome])).toEqual([
    ["7-abc", "c0", null],
    ["7-abc", "c1", null],
    ["7-abc", "c2", null],
    ["7-abc", "9", "denied"],
  ]);
});

it("keeps the last 10,000 of a longer one", async () => {
  const fake = new FakeGateway();
  const lines = Array.from({ length: 12_000 }, () => savedLine({ gateway: "7-abc", call: fake.call() }));
  const { calls, left } = await loadCalls(write(lines.join("")));
  expect(left).toBe(2_000);
  expect([calls.length, calls[0]?.call.id, calls.at(-1)?.call.id]).toEqual([10_000, "2001", "12000"]);
});

it.each([
  ["nothing", "", "calls.jsonl is empty"],
  ["prose", "hello\n", "calls.jsonl:1 is no saved call: Invalid input: expected object, received undefined"],
  ["JSON that is no call", '\n{"gateway":"g"}\n', "calls.jsonl:2 is no saved call, id: Invalid input"],
  ["a list", "[]\n", "calls.jsonl:1 is no saved call: Invalid input: expected object, received array"],
  ["a deep one", `${"[".repeat(200_000)}\n`, "calls.jsonl:1 is no saved call"],
  ["a deep record", `{"seq":1,"x":${"[".repeat(200_000)}\n`, "calls.jsonl:1 is no audit record"],
  ["binary", "\0\xff\n", "calls.jsonl:1 is no saved call"],
])("says where %s is no file of calls", async (_, text, message) => {
  await expect(loadCalls(write(text))).rejects.toThrow(message);
});

it("says which line of a log or of a file is not like the others", async () => {
  writeLog(dir, 2);
  const log = join(dir, readdirSync(dir)[0] ?? "");
  appendFileSync(log, '{"kind":"call"}\n');
  await expect(loadCalls(log)).rejects.toThrow(/\.jsonl:5 is no audit record/);
  const one = savedLine({ gateway: "g", call: new FakeGateway().call() });
  const hostile = one.replace(/"time":\d+/, '"time":1e300');
  await expect(loadCalls(write(one + hostile))).rejects.toThrow(
    /calls\.jsonl:2 is no saved call, time: Too big/,
  );
});

it("takes no folder, nothing that is not there and nothing without an end", async () => {
  await expect(loadCalls(dir)).rejects.toThrow("is a folder: load one of the files in it");
  await expect(loadCalls(join(dir, "none"))).rejects.toThrow("none: there is no such file");
  await expect(loadCalls("/dev/zero")).rejects.toThrow("is no file that can be read to its end");
});
