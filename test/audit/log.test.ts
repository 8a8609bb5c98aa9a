import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AuditError } from "../../src/audit/audit-error.ts";
import { openAuditLog } from "../../src/audit/log.ts";
import { recordSchema } from "../../src/audit/schema.ts";
import { verifyDir } from "../../src/audit/verify.ts";
import { scratch } from "../state/scratch.ts";
import { call, linesOf, NOON, writeLog } from "./sample.ts";

const DAY = 86_400_000;
const records = (path: string) => linesOf(path).map((line) => recordSchema.parse(JSON.parse(line)));

async function findings(dir: string): Promise<string[]> {
  return (await verifyDir(dir)).flatMap((report) => report.findings.map(({ message }) => message));
}

test("each record is bound to the one before it, from 64 zeros on", () => {
  const dir = scratch();
  writeLog(dir, 2);
  const path = join(dir, "2025-06-15-gw.jsonl");
  const lines = linesOf(path);
  expect(records(path).map(({ kind, seq }) => [kind, seq])).toEqual([
    ["open", 1],
    ["call", 2],
    ["call", 3],
    ["close", 4],
  ]);
  let prev = "0".repeat(64);
  for (const line of lines) {
    const record = JSON.parse(line);
    expect(record.prev).toBe(prev);
    expect(record.time).toBe("2025-06-15T12:00:00.000Z");
    prev = createHash("sha256")
      .update(line.slice(0, line.lastIndexOf(',"hash":')))
      .digest("hex");
    expect(record.hash).toBe(prev);
  }
});

test("a record is on disk when flush returns, and not torn by what follows", () => {
  const dir = scratch();
  const log = openAuditLog(dir, "gw", "0.1.0", () => NOON);
  const hash = log.append(call("c1"));
  const path = join(dir, "2025-06-15-gw.jsonl");
  expect(log.path).toBe(path);
  expect(linesOf(path)).toHaveLength(1);
  log.flush();
  expect(records(path).at(-1)?.hash).toBe(hash);
  log.close("done");
  log.close("again");
  expect(linesOf(path)).toHaveLength(3);
  expect(() => log.append(call("c2"))).toThrow(AuditError);
});

test("the file is for its owner only", () => {
  const dir = scratch();
  writeLog(dir, 1);
  expect(statSync(join(dir, "2025-06-15-gw.jsonl")).mode & 0o777).toBe(0o600);
});

test("at midnight UTC a new file continues the chain; a clock set back does not reopen the old one", async () => {
  const dir = scratch();
  let time = Date.parse("2025-06-15T23:59:59.999Z");
  const log = openAuditLog(dir, "gw", "0.1.0", () => time);
  const hash = log.append(call("c1"));
  time += 1;
  log.append(call("c2"));
  time -= DAY;
  log.append(call("c3"));
  log.close("done");
  expect(readdirSync(dir).sort()).toEqual(["2025-06-15-gw.jsonl", "2025-06-16-gw.jsonl"]);
  const [open, ...rest] = records(join(dir, "2025-06-16-gw.jsonl"));
  expect(open).toMatchObject({
    kind: "open",
    previous: { file: "2025-06-15-gw.jsonl", hash },
    prev: hash,
    seq: 3,
  });
  expect(rest.map(({ kind }) => kind)).toEqual(["call", "call", "close"]);
  expect(await findings(dir)).toEqual([]);
});

test("a gateway that comes back continues its chain in a file of its own", async () => {
  const dir = scratch();
  writeLog(dir, 3);
  writeLog(dir, 1, "gw-other");
  writeLog(dir, 3);
  const [first, second] = ["2025-06-15-gw.jsonl", "2025-06-15-gw.2.jsonl"].map((name) =>
    records(join(dir, name)),
  );
  expect(second?.[0]).toMatchObject({ seq: 6, prev: first?.at(-1)?.hash });
  expect(records(join(dir, "2025-06-15-gw-other.jsonl"))[0]).toMatchObject({ previous: null });
  expect(await findings(dir)).toEqual([]);
});

test("after a crash in the middle of a write the chain goes on from the last whole record", async () => {
  const dir = scratch();
  writeLog(dir, 3, "gw", false);
  appendFileSync(join(dir, "2025-06-15-gw.jsonl"), '{"seq":5,"time":"2025-06-');
  writeLog(dir, 2);
  const reports = await verifyDir(dir);
  expect(reports.map(({ torn, findings }) => ({ torn, findings }))).toEqual([
    { torn: 5, findings: [] },
    { torn: null, findings: [] },
  ]);
});

test("a file deleted under the gateway is replaced by another that says what it continues", async () => {
  const dir = scratch();
  const log = writeLog(dir, 2, "gw", false);
  rmSync(join(dir, "2025-06-15-gw.jsonl"));
  log.append(call("after"));
  log.close("done");
  expect(readdirSync(dir)).toEqual(["2025-06-15-gw.jsonl"]);
  expect(records(join(dir, "2025-06-15-gw.jsonl")).map(({ kind }) => kind)).toEqual([
    "open",
    "call",
    "close",
  ]);
});

test("a record that cannot be written whole is not there at all, and says so", async () => {
  const dir = scratch();
  const script = join(import.meta.dirname, "full-disk.ts");
  // `ulimit -f` counts 512 bytes: files may grow to 10 KB.
  const args = ["-c", 'ulimit -f 20; exec "$0" "$@"', process.execPath, script, dir];
  const { stdout, stderr } = spawnSync("sh", args, { encoding: "utf8" });
  expect(stderr).toBe("");
  const errors: string[] = JSON.parse(stdout);
  expect(errors).toHaveLength(4);
  expect(errors[0]).toContain(join(dir, "2025-06-15-gw.jsonl"));
  expect(errors[0]).toContain("so no call is let through");
  expect(errors[2]).toBe("append of the next day");
  expect(errors[3]).toContain("cannot be written");
  const kept = readdirSync(dir)
    .sort()
    .flatMap((name) => records(join(dir, name)))
    .map((record) => (record.kind === "call" ? record.call : record.kind));
  expect(kept).toEqual(["open", "first", "small enough", "open", "next day", "close"]);
  expect(await findings(dir)).toEqual([]);
});

test("a folder that is missing, and an id that is no file name, say so", () => {
  const dir = scratch();
  expect(() => openAuditLog(join(dir, "missing"), "gw", "0.1.0", () => NOON)).toThrow(AuditError);
  expect(() => openAuditLog(dir, "../gw", "0.1.0", () => NOON)).toThrow("cannot be part of a file name");
});

test("numbers keep their digits", () => {
  const dir = scratch();
  const log = openAuditLog(dir, "gw", "0.1.0", () => NOON);
  log.append(call("c1", { arguments: { amount: JSON.rawJSON("12345678901234567890.000001") } }));
  log.close("done");
  expect(linesOf(join(dir, "2025-06-15-gw.jsonl"))[1]).toContain('"amount":12345678901234567890.000001}');
});
