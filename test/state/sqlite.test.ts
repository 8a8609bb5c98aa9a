import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Window } from "../../src/policy/types.ts";
import { openSqliteStore } from "../../src/state/sqlite.ts";
import type { Store } from "../../src/state/store.ts";
import { StoreError } from "../../src/state/store-error.ts";
import { add, DAY, need, read } from "./needs.ts";
import { scratch } from "./scratch.ts";

const TIME = Date.parse("2025-06-15T12:00:00Z");
const DAY_MS = 86_400_000;
const MINUTE: Window = { kind: "calendar", unit: "minute", timezone: "UTC" };
const SESSION: Window = { kind: "session" };
const FOREVER: Window = { kind: "forever" };

function newStore(): { store: Store; file: string } {
  const file = join(scratch(), "state.db");
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  return { store, file };
}

function countRows(file: string, table: "counter" | "event"): number {
  const db = new DatabaseSync(file);
  const row = db.prepare(`SELECT count(*) AS n FROM ${table}`).get();
  db.close();
  return Number(row?.n);
}

test("judge sees each counter as it was; what it returns is added", () => {
  const { store } = newStore();
  const needs = [need("spend", 10_000n), need("calls", 1_000_000n, MINUTE)];
  const seen: bigint[][] = [];
  for (let i = 0; i < 3; i++) {
    store.reserve(needs, TIME, (before) => {
      seen.push([...before.values()]);
      return { increments: needs };
    });
  }
  expect(seen).toEqual([
    [0n, 0n],
    [10_000n, 1_000_000n],
    [20_000n, 2_000_000n],
  ]);
});

test("a denial adds nothing and gives no reservation", () => {
  const { store } = newStore();
  const what = need("spend", 5n);
  const { judged, reservation } = store.reserve([what], TIME, () => ({ increments: [], verdict: "deny" }));
  expect(judged.verdict).toBe("deny");
  expect(reservation).toBeNull();
  expect(read(store, what, TIME)).toBe(0n);
});

test("without needs the store is not asked: it works even closed", () => {
  const { store } = newStore();
  store.close();
  expect(store.reserve([], TIME, () => ({ increments: [] })).reservation).toBeNull();
  expect(() => read(store, need("spend", 0n), TIME)).toThrow(StoreError);
});

test("two rules adding to one counter add twice", () => {
  const { store } = newStore();
  const what = need("spend", 5n);
  const reservation = add(store, [what, what], TIME);
  expect(read(store, what, TIME)).toBe(10n);
  if (reservation !== null) store.refund(reservation);
  expect(read(store, what, TIME)).toBe(0n);
});

test("an increment that needs did not announce is still made under the lock", () => {
  const { store } = newStore();
  const what = need("spend", 5n);
  store.reserve([{ ...what, add: 0n }], TIME, () => ({ increments: [what] }));
  expect(read(store, what, TIME)).toBe(5n);
  expect(() => store.reserve([], TIME, () => ({ increments: [what] }))).toThrow("without being read");
});

test("when judge throws, nothing is added and its error comes out as it is", () => {
  const { store } = newStore();
  const what = need("spend", 5n);
  const error = new TypeError("broken rule");
  expect(() =>
    store.reserve([what], TIME, () => {
      throw error;
    }),
  ).toThrow(error);
  add(store, [what], TIME);
  expect(read(store, what, TIME)).toBe(5n);
});

test("what one turn adds is there for others after the commit, and all at once", () => {
  const { store, file } = newStore();
  const other = openSqliteStore(file);
  const what = need("spend", 5n);
  for (let i = 0; i < 3; i++) store.reserve([what], TIME, () => ({ increments: [what] }));
  expect(read(store, what, TIME)).toBe(15n);
  expect(read(other, what, TIME)).toBe(0n);
  store.commit();
  expect(read(other, what, TIME)).toBe(15n);
  store.commit();
  other.close();
});

test("a judge that throws takes nothing from the others of its turn, and leaves no lock alone", () => {
  const { store, file } = newStore();
  const what = need("spend", 5n);
  const broken = () => {
    throw new TypeError("broken rule");
  };
  const { reservation } = store.reserve([what], TIME, () => ({ increments: [what] }));
  expect(() => store.reserve([what], TIME, broken)).toThrow(TypeError);
  store.commit();
  expect(read(store, what, TIME)).toBe(5n);
  if (reservation !== null) store.refund(reservation);
  store.commit();
  expect(() => store.reserve([what], TIME, broken)).toThrow(TypeError);
  const other = openSqliteStore(file);
  add(other, [what], TIME);
  expect(read(other, what, TIME)).toBe(5n);
  other.close();
});

test("closing commits", () => {
  const { store, file } = newStore();
  const what = need("spend", 5n);
  store.reserve([what], TIME, () => ({ increments: [what] }));
  store.close();
  store.close();
  const again = openSqliteStore(file);
  expect(read(again, what, TIME)).toBe(5n);
  again.close();
});

test("a disk that fills up loses nothing that was committed", () => {
  const { store, file } = newStore();
  store.close();
  // Files may grow to 128 KB: SQLite meets what a full disk does.
  const script = join(import.meta.dirname, "full-disk.ts");
  const args = ["-c", 'ulimit -f 256; exec "$0" "$@"', process.execPath, script, file];
  const { stdout, stderr } = spawnSync("sh", args, { encoding: "utf8" });
  expect(stderr).toBe("");
  const { committed, error } = JSON.parse(stdout);
  expect(error).toContain(file);
  expect(error).toMatch(/the disk/);
  expect(committed).toBeGreaterThan(0);
  const again = openSqliteStore(file);
  expect(again.list(TIME, 10_000)).toHaveLength(committed);
  again.close();
});

test("all or none: an overflow of the second takes back the first", () => {
  const { store } = newStore();
  const [first, second] = [need("a", 7n), need("b", 2n ** 62n)];
  add(store, [first, second], TIME);
  expect(() => add(store, [first, second], TIME)).toThrow(StoreError);
  expect(() => add(store, [need("c", 2n ** 63n)], TIME)).toThrow("cannot hold");
  expect(() => add(store, [need("c", -(2n ** 63n) - 1n)], TIME)).toThrow(StoreError);
  expect(read(store, first, TIME)).toBe(7n);
  expect(read(store, second, TIME)).toBe(2n ** 62n);
});

test("amounts come back as they went in, over a restart", () => {
  const { store, file } = newStore();
  const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
  fc.assert(
    fc.property(fc.array(amount, { minLength: 1, maxLength: 8 }), fc.uuid(), (amounts, name) => {
      for (const micros of amounts) add(store, [need(name, micros)], TIME);
      const sum = amounts.reduce((total, micros) => total + micros, 0n);
      expect(read(store, need(name, 0n), TIME)).toBe(sum);
    }),
    { numRuns: 50 },
  );
  add(store, [need("cents", 10_000n)], TIME);
  store.close();
  const again = openSqliteStore(file);
  expect(read(again, need("cents", 0n), TIME)).toBe(10_000n);
  again.close();
});

test("a refund is made in the window of its reservation, once", () => {
  const { store } = newStore();
  const what = need("spend", 5n);
  const first = add(store, [what], TIME);
  add(store, [what], TIME + DAY_MS);
  if (first === null) throw new Error("no reservation");
  store.refund(first);
  store.refund(first);
  expect(read(store, what, TIME)).toBe(0n);
  expect(read(store, what, TIME + DAY_MS)).toBe(5n);
  store.refund({ entries: [{ need: what, windowStart: TIME + DAY_MS }] });
});

test("a refund never goes below zero, nor raises what is below it", () => {
  const { store } = newStore();
  const up = add(store, [need("spend", 5n)], TIME);
  add(store, [need("spend", -3n)], TIME);
  if (up !== null) store.refund(up);
  expect(read(store, need("spend", 0n), TIME)).toBe(0n);
  const other = add(store, [need("owed", 5n)], TIME);
  add(store, [need("owed", -8n)], TIME);
  if (other !== null) store.refund(other);
  expect(read(store, need("owed", 0n), TIME)).toBe(-3n);
});

test("partitions and windows are counters of their own", () => {
  const { store } = newStore();
  add(store, [need("spend", 5n, DAY, "alice")], TIME);
  expect(read(store, need("spend", 0n, DAY, "bob"), TIME)).toBe(0n);
  expect(read(store, need("spend", 0n, MINUTE, "alice"), TIME)).toBe(0n);
  expect(read(store, need("spend", 0n, DAY, "alice"), TIME)).toBe(5n);
});

test("windows that are over are dropped; forever stays; sessions stay for 30 days", () => {
  const { store, file } = newStore();
  add(store, [need("total", 1n, FOREVER), need("s", 1n, SESSION, "old")], TIME);
  add(store, [need("s", 1n, SESSION, "busy")], TIME);
  for (let i = 0; i < 500; i++) add(store, [need("calls", 1n, MINUTE)], TIME + i * 60_000);
  expect(countRows(file, "counter")).toBeLessThan(80);
  add(store, [need("s", 1n, SESSION, "busy")], TIME + 20 * DAY_MS);
  for (let i = 0; i < 100; i++) add(store, [need("calls", 1n, MINUTE)], TIME + 40 * DAY_MS + i * 60_000);
  const late = TIME + 41 * DAY_MS;
  expect(read(store, need("total", 0n, FOREVER), late)).toBe(1n);
  expect(read(store, need("s", 0n, SESSION, "old"), late)).toBe(0n);
  expect(read(store, need("s", 0n, SESSION, "busy"), late)).toBe(2n);
});

test("list shows the counters of now", () => {
  const { store } = newStore();
  const sliding: Window = { kind: "sliding", ms: 60_000 };
  add(store, [need("old", 1n, MINUTE)], TIME - DAY_MS);
  add(store, [need("spend", 5n, DAY, "alice")], TIME);
  add(store, [need("total", 7n, FOREVER)], TIME + 1);
  add(store, [need("pace", 9n, sliding)], TIME + 2);
  const base = { upstream: "payments", scope: "create_charge", partition: "" };
  expect(store.list(TIME + 10, 10)).toEqual([
    { ...base, counter: "pace", window: sliding, used: 9n, resetsAt: TIME + 60_002 },
    { ...base, counter: "total", window: FOREVER, used: 7n, resetsAt: null },
    { ...base, counter: "spend", window: DAY, partition: "alice", used: 5n, resetsAt: TIME + DAY_MS / 2 },
  ]);
  expect(store.list(TIME + 10, 1)).toHaveLength(1);
  expect(store.list(TIME + 60_002, 10).map(({ counter }) => counter)).toEqual(["total", "spend"]);
});

test("the files are for their owner only", () => {
  const { store, file } = newStore();
  add(store, [need("spend", 1n)], TIME);
  for (const suffix of ["", "-wal", "-shm"]) expect(statSync(file + suffix).mode & 0o777).toBe(0o600);
});
