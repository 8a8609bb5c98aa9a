import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verifyDir, verifyFile } from "../../src/audit/verify.ts";
import { auditVerify } from "../../src/commands/audit.ts";
import { scratch } from "../state/scratch.ts";
import { linesOf, writeLog } from "./sample.ts";

/** A log of ten records: 1 open, 2 to 9 calls, 10 close. `at(n)` is the line of record n. */
function sample() {
  const dir = scratch();
  writeLog(dir, 8);
  const path = join(dir, "2025-06-15-gw.jsonl");
  const lines = linesOf(path);
  return { dir, path, lines, at: (n: number) => lines[n - 1] ?? "" };
}

function write(path: string, lines: readonly string[]): void {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
}

/** The same record with other text, and a hash to match. */
function forge(line: string, change: (text: string) => string): string {
  const text = change(line.slice(0, line.lastIndexOf(',"hash":')));
  return `${text},"hash":"${createHash("sha256").update(text).digest("hex")}"}`;
}

async function found(path: string): Promise<[number, string][]> {
  return (await verifyFile(path)).findings.map(({ line, message }) => [line, message]);
}

test("a log left alone is whole", async () => {
  const { path } = sample();
  expect(await verifyFile(path)).toMatchObject({
    records: 10,
    findings: [],
    torn: null,
    closed: true,
    previous: null,
  });
});

describe("is found and named by its line:", () => {
  test("an edit", async () => {
    const { path, lines } = sample();
    write(
      path,
      lines.map((line, i) => (i === 4 ? line.replace('"amount":5000', '"amount":1') : line)),
    );
    expect(await found(path)).toEqual([[5, "record 5 was edited: its hash is not that of its text"]]);
  });

  test("an edit with a new hash", async () => {
    const { path, lines } = sample();
    const edited = lines.map((line, i) =>
      i === 4 ? forge(line, (text) => text.replace("5000", "1")) : line,
    );
    write(path, edited);
    expect(await found(path)).toEqual([
      [6, expect.stringContaining("does not follow the record 5 above it")],
    ]);
  });

  test("an edited hash", async () => {
    const { path, lines } = sample();
    write(
      path,
      lines.map((line, i) => (i === 4 ? `${line.slice(0, -66)}${"0".repeat(64)}"}` : line)),
    );
    expect((await found(path))[0]?.[0]).toBe(5);
  });

  test("an edited number does not make the rest look moved", async () => {
    const { path, lines } = sample();
    write(
      path,
      lines.map((line) => line.replace('{"seq":5,', '{"seq":50,')),
    );
    expect((await found(path)).map(([line]) => line)).toEqual([5]);
  });

  test("a line made unreadable", async () => {
    const { path, lines } = sample();
    write(
      path,
      lines.map((line, i) => (i === 4 ? "gone" : line)),
    );
    expect(await found(path)).toEqual([[5, "not a record: the line was edited or put in"]]);
  });

  test("a cut in the middle", async () => {
    const { path, lines } = sample();
    write(path, [...lines.slice(0, 4), ...lines.slice(6)]);
    expect(await found(path)).toEqual([[5, "records 5 to 6 are missing before this line"]]);
  });

  test("a cut at the beginning", async () => {
    const { path, lines } = sample();
    write(path, lines.slice(3));
    expect(await found(path)).toEqual([[1, expect.stringContaining("its beginning was cut off")]]);
  });

  test("two records that changed places", async () => {
    const { path, lines, at } = sample();
    write(path, [...lines.slice(0, 4), at(6), at(5), ...lines.slice(6)]);
    expect((await found(path)).map(([line]) => line)).toEqual([5, 6]);
  });

  test("a record repeated", async () => {
    const { path, lines, at } = sample();
    write(path, [...lines.slice(0, 5), at(3), ...lines.slice(5)]);
    expect(await found(path)).toEqual([
      [6, "record 3 comes after record 5: it was moved, repeated or put in"],
    ]);
  });

  test("a forged record put in", async () => {
    const { path, lines, at } = sample();
    const prev = JSON.parse(at(5)).hash;
    const forged = forge(at(6), (text) =>
      text.replace("c4", "cX").replace(/"prev":"\w+"/, `"prev":"${prev}"`),
    );
    write(path, [...lines.slice(0, 5), forged, ...lines.slice(5)]);
    expect((await found(path)).map(([line]) => line)).toEqual([7, 8]);
  });

  test("text and empty lines put in", async () => {
    const { path, lines } = sample();
    write(path, [...lines.slice(0, 5), "", "{}", ...lines.slice(5), "x"]);
    expect((await found(path)).map(([line]) => line)).toEqual([6, 7, 13]);
  });

  test("an emptied file", async () => {
    const { path } = sample();
    write(path, []);
    expect(await found(path)).toEqual([[1, expect.stringContaining("empty")]]);
  });
});

test("what is added after the close record is found", async () => {
  const { path, lines, at } = sample();
  const { hash }: { hash: string } = JSON.parse(at(10));
  const added = forge(at(9), (text) =>
    text.replace('"seq":9', '"seq":11').replace(/"prev":"\w+"/, `"prev":"${hash}"`),
  );
  write(path, [...lines, added]);
  expect(await found(path)).toEqual([
    [11, "record 11 comes after the close record, and nothing does: it was added"],
  ]);
});

test("a log under another log's name is found", async () => {
  const { dir, path, lines } = sample();
  const copies = ["2025-06-15-other.jsonl", "2025-06-16-gw.jsonl"].map((name) => join(dir, name));
  for (const copy of copies) {
    write(copy, lines);
    expect(await found(copy)).toEqual([
      [1, "it is a log of the gateway gw of 2025-06-15: it was renamed, or is a copy"],
    ]);
  }
  expect((await verifyDir(dir)).filter(({ findings }) => findings.length > 0)).toHaveLength(2);
  const elsewhere = join(dir, "copy.jsonl");
  write(elsewhere, linesOf(path));
  expect(await found(elsewhere)).toEqual([]);
});

test("two files in one place of a gateway's log are found", async () => {
  const { dir, lines } = sample();
  writeLog(dir, 3);
  expect((await verifyDir(dir)).flatMap(({ findings }) => findings)).toEqual([]);
  write(join(dir, "2025-06-15-gw.3.jsonl"), lines);
  write(join(dir, "2025-06-15-gw.4.jsonl"), linesOf(join(dir, "2025-06-15-gw.2.jsonl")));
  expect((await verifyDir(dir)).map(({ findings }) => findings.map(({ message }) => message))).toEqual([
    [],
    [],
    ["it has the place of 2025-06-15-gw.jsonl in its gateway's log: one of the two was put in"],
    ["it has the place of 2025-06-15-gw.2.jsonl in its gateway's log: one of the two was put in"],
  ]);
});

test("any change of any byte is found", async () => {
  const { path, lines } = sample();
  const whole = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 2), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      writeFileSync(path, bytes);
      expect((await verifyFile(path)).findings.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

test("any removed, repeated or moved run of lines is found, but for a cut at the end", async () => {
  const { path, lines } = sample();
  const line = fc.nat(lines.length - 1);
  await fc.assert(
    fc.asyncProperty(line, line, line, fc.constantFrom("remove", "repeat", "move"), async (a, b, to, how) => {
      const [from, end] = [Math.min(a, b), Math.max(a, b) + 1];
      const run = lines.slice(from, end);
      const rest = how === "repeat" ? lines.slice() : [...lines.slice(0, from), ...lines.slice(end)];
      if (how !== "remove") rest.splice(Math.min(to, rest.length), 0, ...run);
      write(path, rest);
      const same = rest.every((text, i) => text === lines[i]);
      expect((await verifyFile(path)).findings.length > 0 || rest.length === 0).toBe(
        !same || rest.length === 0,
      );
    }),
    { numRuns: 300 },
  );
});

test("a torn last line is told from tampering", async () => {
  const { path, lines, at } = sample();
  for (const length of [1, 40, at(10).length]) {
    writeFileSync(path, `${lines.slice(0, 9).join("\n")}\n${at(10).slice(0, length)}`);
    expect(await verifyFile(path)).toMatchObject({ records: 9, findings: [], torn: 10, closed: false });
  }
});

test("across files: a missing one, and one whose end was cut off", async () => {
  const dir = scratch();
  for (let i = 0; i < 3; i++) writeLog(dir, 3);
  expect((await verifyDir(dir)).flatMap(({ findings }) => findings)).toEqual([]);
  const second = join(dir, "2025-06-15-gw.2.jsonl");
  const third = join(dir, "2025-06-15-gw.3.jsonl");
  write(second, linesOf(second).slice(0, -2));
  const cut = await verifyDir(dir);
  expect(cut.find(({ path }) => path === third)?.findings).toEqual([
    {
      line: 1,
      message: expect.stringContaining("does not continue the last record of 2025-06-15-gw.2.jsonl"),
    },
  ]);
  rmSync(second);
  const missing = await verifyDir(dir);
  expect(missing.find(({ path }) => path === third)?.findings).toEqual([
    { line: 1, message: "it continues 2025-06-15-gw.2.jsonl, which is not in its folder" },
  ]);
});

test("a log of 100,000 records takes little memory", async () => {
  const dir = scratch();
  writeLog(dir, 100_000);
  const path = join(dir, "2025-06-15-gw.jsonl");
  const before = process.memoryUsage().arrayBuffers;
  expect(await verifyFile(path)).toMatchObject({ records: 100_002, findings: [] });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
});

test("the command names file and line, and answers 1 where something is wrong", async () => {
  const { dir, path, lines } = sample();
  let text = "";
  const out = (more: string) => {
    text += more;
  };
  expect(await auditVerify([dir], null, out)).toBe(0);
  expect(text).toBe(`${path}: 10 records, the chain is whole\n`);
  text = "";
  write(path, lines.slice(0, -1));
  expect(await auditVerify([path], null, out)).toBe(0);
  expect(text).toContain("no close record");
  text = "";
  write(path, [...lines.slice(0, 4), ...lines.slice(5)]);
  expect(await auditVerify([path], null, out)).toBe(1);
  expect(text).toBe(
    `${path}:5 record 5 is missing before this line\n${path}: 9 records, NOT as it was written\n`,
  );
  text = "";
  expect(await auditVerify([join(dir, "nothing.jsonl")], null, out)).toBe(1);
  expect(text).toContain("cannot be verified");
});
