import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CounterNeed } from "../../src/policy/types.ts";
import { openSqliteStore } from "../../src/state/sqlite.ts";
import { read } from "./needs.ts";
import { scratch } from "./scratch.ts";

const STEP = 3n;
const TIME = 1_750_000_060_000;
const COUNTERS: CounterNeed[] = [
  { kind: "calendar" as const, unit: "day" as const, timezone: "UTC" },
  { kind: "sliding" as const, ms: 600_000 },
].map((window) => ({
  id: `hammer/${window.kind}`,
  upstream: "u",
  scope: "s",
  counter: "c",
  window,
  partition: "",
  add: 0n,
}));

interface Hammer {
  readonly child: ChildProcess;
  readonly done: Promise<{ added: bigint; finished: boolean; stderr: string }>;
}

function hammer(file: string, limit: bigint, attempts: number): Hammer {
  const script = join(import.meta.dirname, "hammer.ts");
  const child = spawn(process.execPath, [script, file, String(limit), String(attempts)]);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const done = once(child, "close").then(() => ({
    added: BigInt(stdout.split("+").length - 1) * STEP,
    finished: stdout.endsWith("."),
    stderr,
  }));
  return { child, done };
}

test("processes that share a file lose no increment", async () => {
  const file = join(scratch(), "state.db");
  const results = await Promise.all([1, 2, 3, 4].map(() => hammer(file, 1_000_000n, 500).done));
  for (const { finished, stderr } of results)
    expect({ finished, stderr }).toEqual({ finished: true, stderr: "" });
  const added = results.reduce((sum, result) => sum + result.added, 0n);
  expect(added).toBe(4n * BigInt(500 - Math.ceil(500 / 7)) * STEP);
  const store = openSqliteStore(file);
  for (const counter of COUNTERS) expect(read(store, counter, TIME)).toBe(added);
  store.close();
}, 60_000);

test("killed at any moment, they never pass the limit and leave no half reservation", async () => {
  const file = join(scratch(), "state.db");
  const limit = 5000n;
  let added = 0n;
  let killed = 0;
  for (let round = 0; round < 4; round++) {
    const hammers = [1, 2, 3, 4].map(() => hammer(file, limit, 400));
    for (const { child } of hammers) {
      child.stdout?.once("data", () => setTimeout(() => child.kill("SIGKILL"), Math.random() * 60));
    }
    for (const result of await Promise.all(hammers.map(({ done }) => done))) {
      expect(result.stderr).toBe("");
      if (!result.finished) killed++;
      added += result.added;
    }
  }
  expect(killed).toBeGreaterThan(0);
  const store = openSqliteStore(file);
  const [day, sliding] = COUNTERS.map((counter) => read(store, counter, TIME));
  store.close();
  expect(sliding).toBe(day);
  expect(day).toBeLessThanOrEqual(limit);
  // A process killed between the commit and its report has added one step that it did not tell of.
  expect(day).toBeGreaterThanOrEqual(added);
  expect(day).toBeLessThanOrEqual(added + BigInt(killed) * STEP);
}, 60_000);
