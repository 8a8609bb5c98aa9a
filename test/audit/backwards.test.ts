import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readBackwards } from "../../src/audit/backwards.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "callgate-backwards-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function linesOf(path: string): Promise<string[]> {
  const batches: string[][] = [];
  for await (const batch of readBackwards(path)) batches.unshift(batch);
  return batches.flat();
}

it("gives every whole line once and in order, wherever the reads fall", async () => {
  const path = join(dir, "lines");
  const line = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => text.replaceAll("\n", " ")),
    fc.integer({ min: 0, max: 200_000 }).map((length) => "é".repeat(length)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.constantFrom("", "torn", "é".repeat(70_000)),
      async (lines, torn) => {
        writeFileSync(path, lines.map((each) => `${each}\n`).join("") + torn);
        expect(await linesOf(path)).toEqual(lines);
      },
    ),
    { numRuns: 200 },
  );
});

it("leaves out what no record is as long as, and takes no memory for it", async () => {
  const path = join(dir, "long");
  writeFileSync(path, "first\n");
  for (let n = 0; n < 8; n++) appendFileSync(path, "x".repeat(1 << 20));
  appendFileSync(path, "\nlast\n");
  expect(await linesOf(path)).toEqual(["first", "last"]);
});

it("has nothing of a file that is gone", async () => {
  expect(await linesOf(join(dir, "none"))).toEqual([]);
});
