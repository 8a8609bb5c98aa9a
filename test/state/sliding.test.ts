import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Window } from "../../src/policy/types.ts";
import { openSqliteStore } from "../../src/state/sqlite.ts";
import type { Reservation, Store } from "../../src/state/store.ts";
import { add, need, read } from "./needs.ts";
import { scratch } from "./scratch.ts";

const TIME = Date.parse("2025-06-15T12:00:00Z");
const DAY_MS = 86_400_000;

function withStore(body: (store: Store, file: string) => void): void {
  const file = join(scratch(), "state.db");
  const store = openSqliteStore(file);
  try {
    body(store, file);
  } finally {
    store.close();
  }
}

const step = fc.record({
  wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 5000 })),
  amount: fc.bigInt({ min: -20n, max: 1000n }),
  action: fc.constantFrom("add", "add", "add", "read", "refund"),
});

describe("a sliding window", () => {
  test("is what a naive list of events says", () => {
    withStore((store) => {
      let run = 0;
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 3000 }), fc.array(step, { maxLength: 60 }), (ms, steps) => {
          const window: Window = { kind: "sliding", ms };
          const counter = `run ${run++}`;
          const events: { time: number; amount: bigint; reservation: Reservation | null }[] = [];
          let time = TIME;
          for (const { wait, amount, action } of steps) {
            time += wait;
            const used = events.reduce((sum, e) => sum + (e.time > time - ms ? e.amount : 0n), 0n);
            expect(read(store, need(counter, 0n, window), time)).toBe(used);
            if (action === "add") {
              events.push({ time, amount, reservation: add(store, [need(counter, amount, window)], time) });
            } else if (action === "refund") {
              const [event] = events.splice(Number(amount < 0n ? 0n : amount) % (events.length || 1), 1);
              if (event?.reservation) store.refund(event.reservation);
            }
          }
        }),
        { numRuns: 60 },
      );
    });
  });

  test("in a long one, an event counts for the whole of it and at most a 100,000th more", () => {
    withStore((store) => {
      const ms = 30 * DAY_MS;
      const what = need("month", 5n, { kind: "sliding", ms });
      add(store, [what], TIME);
      expect(read(store, what, TIME + ms - 1)).toBe(5n);
      expect(read(store, what, TIME + ms + ms / 100_000)).toBe(0n);
    });
  });

  test("never lets more than the limit through, with calls that come late", () => {
    withStore((store) => {
      let run = 0;
      const delays = fc.array(fc.integer({ min: -900, max: 900 }), { minLength: 1, maxLength: 80 });
      fc.assert(
        fc.property(delays, (delays) => {
          const ms = 500;
          const window: Window = { kind: "sliding", ms };
          const what = need(`late ${run++}`, 1n, window);
          let latest = TIME;
          const passed: number[] = [];
          for (const delay of delays) {
            const { reservation } = store.reserve([what], latest + delay, (before) => ({
              increments: (before.get(what.id) ?? 0n) < 3n ? [what] : [],
            }));
            latest = Math.max(latest, latest + delay);
            const at = reservation?.entries[0]?.windowStart;
            if (at !== undefined) passed.push(at);
          }
          for (const at of passed)
            expect(passed.filter((t) => t > at - ms && t <= at).length).toBeLessThanOrEqual(3);
        }),
        { numRuns: 60 },
      );
    });
  });

  test("after a clock that was far ahead is set back, what it counted counts from now", () => {
    withStore((store) => {
      const what = need("pace", 4n, { kind: "sliding", ms: 60_000 });
      add(store, [what], TIME + 400 * DAY_MS);
      expect(read(store, what, TIME)).toBe(4n);
      add(store, [what], TIME);
      expect(read(store, what, TIME + 59_999)).toBe(8n);
      expect(read(store, what, TIME + 60_000)).toBe(0n);
    });
  });

  test("keeps no events that have left", () => {
    withStore((store, file) => {
      const what = need("pace", 1n, { kind: "sliding", ms: 100 });
      for (let i = 0; i < 2000; i++) add(store, [what], TIME + i * 5);
      const db = new DatabaseSync(file);
      expect(Number(db.prepare("SELECT count(*) AS n FROM event").get()?.n)).toBeLessThanOrEqual(21);
      db.close();
    });
  });

  test("a counter that nobody uses any more is dropped with its events", () => {
    withStore((store, file) => {
      for (let i = 0; i < 700; i++) add(store, [need("gone", 1n, { kind: "sliding", ms: 60_000 })], TIME + i);
      for (let i = 0; i < 20; i++) add(store, [need(`new ${i}`, 1n)], TIME + 10 * DAY_MS);
      const db = new DatabaseSync(file);
      expect(db.prepare("SELECT count(*) AS n FROM event").get()?.n).toBe(0);
      expect(db.prepare("SELECT count(*) AS n FROM counter WHERE counter = 'gone'").get()?.n).toBe(0);
      db.close();
    });
  });
});
