import type { DatabaseSync, StatementSync } from "node:sqlite";
import { integer } from "./sqlite-file.ts";

/** A sliding counter as its row has it: what is used (micros) in the window that ends at `seen`. */
export interface SlidingRow {
  readonly used: bigint;
  readonly seen: number;
}

/** The same brought forward to `at`, after `expired` micros have left the window. */
export interface SlidingView {
  readonly used: bigint;
  readonly at: number;
  readonly expired: bigint;
}

const DAY = 86_400_000;

/** Dead events removed by one write: more than a write adds, so that they do not pile up. */
const SWEEP = 64;

/** At most so many events of one counter are kept apart. */
const SLOTS = 100_000;

/**
 * The events of sliding counters. What is used is kept as a running sum; moving the window forward subtracts
 * the events that leave it. Events in the same slot of time share a row. A slot is 1 ms, or a 100,000th of a
 * window longer than 100 s, and counts until its last instant leaves: never too short a time.
 */
export class SlidingEvents {
  readonly #sum: StatementSync;
  readonly #add: StatementSync;
  readonly #subtract: StatementSync;
  readonly #sweep: StatementSync;
  readonly #clear: StatementSync;
  readonly #last: StatementSync;

  constructor(db: DatabaseSync) {
    const exact = { readBigInts: true };
    this.#sum = db.prepare(
      "SELECT coalesce(sum(amount), 0) AS amount FROM event WHERE id = ? AND time > ? AND time <= ?",
      exact,
    );
    this.#add = db.prepare(
      "INSERT INTO event VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount",
    );
    this.#subtract = db.prepare("UPDATE event SET amount = amount - ? WHERE id = ? AND time = ?");
    this.#sweep = db.prepare(
      `DELETE FROM event WHERE id = ?1 AND time <= coalesce(
         (SELECT time FROM event WHERE id = ?1 AND time <= ?2 ORDER BY time LIMIT 1 OFFSET ${SWEEP - 1}), ?2)`,
    );
    this.#clear = db.prepare("DELETE FROM event WHERE id = ?");
    this.#last = db.prepare("SELECT max(time) AS time FROM event WHERE id = ?", exact);
  }

  /**
   * What is used as of `time`, without writing. A `time` before `seen` is that of a call which waited (for a
   * lock, or for a person) while others went by: it counts from now, because what has left cannot come back.
   */
  view(id: string, row: SlidingRow, ms: number, time: number): SlidingView {
    if (clockWasAhead(row, ms, time)) return { used: row.used, at: time, expired: 0n };
    if (time <= row.seen) return { used: row.used, at: row.seen, expired: 0n };
    const expired = integer(this.#sum.get(id, row.seen - ms, time - ms), "amount");
    return { used: row.used - expired, at: time, expired };
  }

  /** Makes the events agree with a view that is about to be stored. */
  settle(id: string, row: SlidingRow, ms: number, view: SlidingView): void {
    if (view.at < row.seen) {
      // Events of a time that never was would be counted until it comes. They count from now instead.
      this.#clear.run(id);
      this.#add.run(id, view.at, view.used);
    } else if (view.expired !== 0n) {
      this.#sweep.run(id, view.at - ms);
    }
  }

  /** Records an amount (micros) added at `at`; returns the slot it is in, to give it back by. */
  add(id: string, ms: number, at: number, amount: bigint): number {
    const grain = Math.ceil(ms / SLOTS);
    const slot = Math.ceil(at / grain) * grain;
    this.#add.run(id, slot, amount);
    return slot;
  }

  /** All that counts at `at` is `value`. */
  set(id: string, ms: number, at: number, value: bigint): void {
    this.#clear.run(id);
    if (value !== 0n) this.add(id, ms, at, value);
  }

  /** Takes an amount out of its slot; says whether it was still counted at `seen`. */
  takeBack(id: string, ms: number, seen: number, slot: number, amount: bigint): boolean {
    return slot > seen - ms && this.#subtract.run(amount, id, slot).changes > 0;
  }

  /** Deletes a counter's events, a bounded number at a time; says whether none are left. */
  drop(id: string): boolean {
    return this.#sweep.run(id, Number.MAX_SAFE_INTEGER).changes < SWEEP;
  }

  /** When the last event leaves the window, in ms since the epoch; null where there is none. */
  emptyAt(id: string, ms: number): number | null {
    const time = this.#last.get(id)?.time;
    return typeof time === "bigint" ? Number(time) + ms : null;
  }
}

/** No call waits for more than a day: a clock that far ahead of this call's was wrong and has been set back. */
function clockWasAhead(row: SlidingRow, ms: number, time: number): boolean {
  return row.seen - time > ms + DAY;
}
