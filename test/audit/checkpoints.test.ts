import { createHash } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSigner, readPublicKey } from "../../src/audit/key.ts";
import { AuditLog } from "../../src/audit/log.ts";
import { removeOld } from "../../src/audit/retention.ts";
import { verifyDir, verifyFile } from "../../src/audit/verify.ts";
import { auditVerify } from "../../src/commands/audit.ts";
import { scratch } from "../state/scratch.ts";
import { call, linesOf, NOON, writeLog } from "./sample.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A log of five minutes, signed after each. */
function signed() {
  const dir = scratch();
  const keyFile = join(scratch(), "audit.key");
  const sign = openSigner(keyFile);
  let time = NOON;
  const log = new AuditLog(dir, "gw", "0.1.0", () => time);
  for (let i = 0; i < 5; i++) {
    log.append(call(`c${i}`));
    time += MINUTE;
    log.checkpoint(sign);
  }
  log.close("done");
  return { path: join(dir, "2025-06-15-gw.jsonl"), keyFile, key: readPublicKey(keyFile) };
}

/** Writes a log anew after a change, every hash to match. */
function rewrite(path: string, change: (line: string) => string | null): void {
  let prev = "0".repeat(64);
  let seq = 0;
  const lines = linesOf(path).flatMap((line) => {
    const changed = change(line);
    if (changed === null) return [];
    const text = changed
      .slice(0, changed.lastIndexOf(',"hash":'))
      .replace(/^\{"seq":\d+/, `{"seq":${++seq}`)
      .replace(/"prev":"\w+"$/, `"prev":"${prev}"`);
    prev = createHash("sha256").update(text).digest("hex");
    return [`${text},"hash":"${prev}"}\n`];
  });
  writeFileSync(path, lines.join(""));
}

const found = async (path: string, keyFile: string) =>
  (await verifyFile(path, readPublicKey(keyFile))).findings.map(({ message }) => message);

test("a signed log is whole, and its key is for its owner only and made once", async () => {
  const { path, keyFile, key } = signed();
  expect(await verifyFile(path, key)).toMatchObject({ findings: [], closed: true, unsigned: 1 });
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(openSigner(keyFile)("x")).toEqual(openSigner(keyFile)("x"));
  const publicFile = join(scratch(), "key.pem");
  writeFileSync(publicFile, key.pem);
  expect(await found(path, publicFile)).toEqual([]);
  expect(key.pem).toContain("PUBLIC KEY");
});

test("a file rewritten with all its hashes is found by the key only", async () => {
  const { path, keyFile } = signed();
  rewrite(path, (line) => line.replace('"amount":5000', '"amount":1'));
  expect((await verifyFile(path)).findings).toEqual([]);
  expect((await found(path, keyFile))[0]).toMatch(/checkpoint 3 was not signed .* the file was rewritten/);
});

test("so is one without its checkpoints, and one signed with another key", async () => {
  const { path, keyFile } = signed();
  expect((await found(path, signed().keyFile))[0]).toMatch(
    /checkpoint 3 was signed with the key \w+, not with/,
  );
  rewrite(path, (line) => (line.includes('"kind":"checkpoint"') ? null : line));
  expect((await verifyFile(path)).findings).toEqual([]);
  expect(await found(path, keyFile)).toEqual([expect.stringContaining("the last 7 records")]);
});

test("so is a short one: who closes in order has signed before", async () => {
  const dir = scratch();
  const keyFile = join(scratch(), "audit.key");
  const sign = openSigner(keyFile);
  const log = new AuditLog(dir, "gw", "0.1.0", () => NOON);
  log.append(call("c1"));
  log.checkpoint(sign);
  log.close("done");
  const path = join(dir, "2025-06-15-gw.jsonl");
  expect(await found(path, keyFile)).toEqual([]);
  rewrite(path, (line) => (line.includes('"kind":"checkpoint"') ? null : line));
  expect(await verifyFile(path, readPublicKey(keyFile))).toMatchObject({
    findings: [
      { line: 3, message: expect.stringMatching(/^the last 3 records, from 2025-.*, are not signed/) },
    ],
  });
  // Killed before it could sign.
  rewrite(path, (line) => (line.includes('"kind":"close"') ? null : line));
  expect(await found(path, keyFile)).toEqual([]);
  // The close record may start a new file, at midnight.
  const other = scratch();
  writeLog(other, 0);
  expect(await found(join(other, "2025-06-15-gw.jsonl"), keyFile)).toEqual([]);
});

test("a key that is none says what to do", () => {
  const file = join(scratch(), "key");
  writeFileSync(file, "nothing");
  expect(() => readPublicKey(file)).toThrow("callgate audit key prints it");
  expect(() => openSigner(file)).toThrow("so the audit log goes unsigned");
});

test("the command verifies with the key it is given", async () => {
  const { path, keyFile } = signed();
  let text = "";
  const out = (more: string) => {
    text += more;
  };
  expect(await auditVerify([path], keyFile, out)).toBe(0);
  expect(text).toBe(`${path}: 12 records, the chain is whole, signed\n`);
  expect(await auditVerify([path], signed().keyFile, out)).toBe(1);
  text = "";
  const dir = scratch();
  writeLog(dir, 3, "gw", false);
  expect(await auditVerify([join(dir, "2025-06-15-gw.jsonl")], keyFile, out)).toBe(0);
  expect(text).toContain("4 records, the chain is whole, not signed (no close record");
});

test("a file that has grown large is followed by another of the same chain", async () => {
  const dir = scratch();
  const log = new AuditLog(dir, "gw", "0.1.0", () => NOON, 2_000);
  for (let i = 0; i < 100; i++) {
    log.append(call(`c${i}`));
    log.flush();
  }
  log.close("done");
  const reports = await verifyDir(dir);
  expect(reports.length).toBeGreaterThan(10);
  expect(reports.flatMap(({ findings }) => findings)).toEqual([]);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBeLessThan(3_000);
});

test("old logs are removed, which verifying knows of where it is recorded and signed", async () => {
  const dir = scratch();
  let time = NOON;
  const log = new AuditLog(dir, "gw", "0.1.0", () => time);
  for (let i = 0; i < 5; i++, time += DAY) log.append(call(`c${i}`));
  time -= DAY;
  writeFileSync(join(dir, "2025-01-01-notes.txt"), "");
  const files = removeOld(dir, 2, time, log.path);
  expect(files.sort()).toEqual(["2025-06-15-gw.jsonl", "2025-06-16-gw.jsonl"]);
  log.flush();
  expect((await verifyDir(dir)).flatMap(({ findings }) => findings)).toHaveLength(1);
  log.append({ kind: "removed", files });
  log.flush();
  expect((await verifyDir(dir)).flatMap(({ findings }) => findings)).toEqual([]);
  const keyFile = join(scratch(), "audit.key");
  const sign = openSigner(keyFile);
  const missing = async () =>
    (await verifyDir(dir, readPublicKey(keyFile))).flatMap(({ findings }) =>
      findings.filter(({ message }) => message.includes("not in its folder")),
    );
  expect(await missing()).toHaveLength(1);
  log.checkpoint(sign);
  log.close("done");
  expect(await missing()).toEqual([]);
  expect(readdirSync(dir)).toContain("2025-01-01-notes.txt");
});
