import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CounterNeed, Window } from "../../src/policy/types.ts";
import { MemoryStore } from "../../src/state/memory.ts";
import { openSqliteStore } from "../../src/state/sqlite.ts";
import type { Reservation, Store } from "../../src/state/store.ts";
import { StoreError } from "../../src/state/store-error.ts";
import { need, read } from "./needs.ts";
import { scratch } from "./scratch.ts";

const TIME = Date.parse("2026-03-28T12:00:00Z");

const windows: Window[] = [
  { kind: "calendar", unit: "minute", timezone: "UTC" },
  { kind: "calendar", unit: "day", timezone: "Europe/Berlin" },
  { kind: "sliding", ms: 1_000 },
  { kind: "sliding", ms: 90_000_000 },
  { kind: "session" },
  { kind: "forever" },
];

const step = fc.record({
  wait: fc.oneof(
    fc.constant(0),
    fc.integer({ min: -500, max: 1_500 }),
    fc.integer({ min: 0, max: 40_000_000 }),
    fc.constant(-400 * 86_400_000),
  ),
  amounts: fc.array(fc.bigInt({ min: -20n, max: 1_000n }), {
    minLength: windows.length,
    maxLength: windows.length,
  }),
  action: fc.constantFrom("add", "add", "add", "deny", "read", "refund", "refund some", "set"),
  which: fc.nat(),
});

test("counts as the state file does, whatever happens in whatever order", () => {
  const file = openSqliteStore(join(scratch(), "state.db"));
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const memory = new MemoryStore();
      const stores: Store[] = [file, memory];
      const prefix = `run ${run++}`;
      const needs = (amounts: readonly bigint[]) =>
        windows.map((window, i) => need(`${prefix} ${i}`, amounts[i] ?? 0n, window));
      const made: (Reservation | null)[][] = [];
      let time = TIME;
      for (const { wait, amounts, action, which } of steps) {
        time += wait;
        const wanted = needs(amounts);
        const some = ({ counter }: CounterNeed) => (counter.charCodeAt(counter.length - 1) + which) % 2 === 0;
        if (action === "add" || action === "deny") {
          const increments = action === "add" ? wanted : [];
          const both = stores.map((store) =>
            store.reserve(wanted, time, (before) => ({ increments, before: [...before.values()] })),
          );
          expect(both[1]?.judged).toEqual(both[0]?.judged);
          expect(both[1]?.reservation?.entries).toEqual(both[0]?.reservation?.entries);
          if (action === "add") made.push(both.map(({ reservation }) => reservation));
        } else if (action === "set") {
          for (const [i, each] of wanted.entries()) {
            const value = (which + i) % 3 === 0 ? 0n : each.add;
            expect(memory.set(each, value, time)).toBe(file.set(each, value, time));
          }
        } else if (action !== "read" && made.length > 0) {
          const [pair] = made.splice(which % made.length, 1);
          for (const [i, store] of stores.entries()) {
            const reservation = pair?.[i];
            if (reservation) store.refund(reservation, action === "refund" ? undefined : some);
          }
        }
        file.commit();
        for (const each of wanted) expect(read(memory, each, time)).toBe(read(file, each, time));
        const listed = (store: Store) =>
          store
            .list(time, 1_000)
            .filter(({ counter }) => counter.startsWith(`${prefix} `))
            .sort((a, b) => (a.counter < b.counter ? -1 : 1));
        expect(listed(memory)).toEqual(listed(file));
      }
    }),
    { numRuns: 150 },
  );
  file.close();
});

test("adds only to what was read, and all or nothing", () => {
  const store = new MemoryStore();
  const [a, b] = [need("a", 1n), need("b", 1n)];
  expect(() => store.reserve([a], TIME, () => ({ increments: [a, b] }))).toThrow(StoreError);
  expect(read(store, a, TIME)).toBe(0n);
});
