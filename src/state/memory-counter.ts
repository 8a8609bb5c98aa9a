import type { CounterNeed } from "../policy/types.ts";
import type { CounterValue } from "./store.ts";
import { type Span, windowAt } from "./windows.ts";

/** One counter in memory. Amounts are in micros, times in ms since the epoch. */
export interface MemoryCounter {
  read(time: number): bigint;
  /** Returns the `windowStart` to give it back by. */
  add(amount: bigint, time: number): number;
  giveBack(amount: bigint, windowStart: number): void;
  /** Makes it stand at `value` in the window that contains `time`. */
  set(value: bigint, time: number): void;
  /** What a call that adds nothing leaves behind. */
  settle(time: number): void;
  value(time: number): Pick<CounterValue, "used" | "resetsAt"> | null;
}

export function memoryCounter({ window }: CounterNeed): MemoryCounter {
  if (window.kind === "sliding") return new Sliding(window.ms);
  return new Spans((time) => windowAt(window, time));
}

/** A counter of windows with a fixed start: a value for each. */
class Spans implements MemoryCounter {
  readonly #used = new Map<number, bigint>();
  readonly #spanAt: (time: number) => Span;

  constructor(spanAt: (time: number) => Span) {
    this.#spanAt = spanAt;
  }

  read(time: number): bigint {
    return this.#used.get(this.#spanAt(time).start) ?? 0n;
  }

  add(amount: bigint, time: number): number {
    const { start } = this.#spanAt(time);
    this.#used.set(start, (this.#used.get(start) ?? 0n) + amount);
    return start;
  }

  giveBack(amount: bigint, windowStart: number): void {
    const used = this.#used.get(windowStart);
    if (used === undefined) return;
    // Back to zero at most; a counter already below it (allow_negative) is not raised.
    const floor = used < 0n ? used : 0n;
    this.#used.set(windowStart, used - amount > floor ? used - amount : floor);
  }

  set(value: bigint, time: number): void {
    this.#used.set(this.#spanAt(time).start, value);
  }

  settle(): void {}

  value(time: number) {
    const { start, end } = this.#spanAt(time);
    const used = this.#used.get(start);
    return used === undefined ? null : { used, resetsAt: end };
  }
}

const DAY = 86_400_000;
/** At most so many events of one counter are kept apart, as in the state file. */
const SLOTS = 100_000;

/** A counter of the last `ms`: events by the slot of time they count in, and their sum as of `seen`. */
class Sliding implements MemoryCounter {
  readonly #ms: number;
  /** In the order of time, since the window never moves back. */
  #events = new Map<number, bigint>();
  #used = 0n;
  #seen: number | null = null;

  constructor(ms: number) {
    this.#ms = ms;
  }

  read(time: number): bigint {
    const seen = this.#seen;
    return this.#used - (seen === null ? 0n : this.#expired(seen, time));
  }

  add(amount: bigint, time: number): number {
    const at = this.#moveTo(time);
    this.#used += amount;
    const grain = Math.ceil(this.#ms / SLOTS);
    const slot = Math.ceil(at / grain) * grain;
    this.#events.set(slot, (this.#events.get(slot) ?? 0n) + amount);
    return slot;
  }

  giveBack(amount: bigint, slot: number): void {
    const event = this.#events.get(slot);
    if (event === undefined || this.#seen === null || slot <= this.#seen - this.#ms) return;
    this.#events.set(slot, event - amount);
    this.#used -= amount;
  }

  set(value: bigint, time: number): void {
    const at = this.#moveTo(time);
    this.#events.clear();
    this.#used = 0n;
    if (value !== 0n) this.add(value, at);
  }

  settle(time: number): void {
    if (this.#seen !== null && this.#expired(this.#seen, time) !== 0n) this.#moveTo(time);
  }

  value(time: number) {
    let last: number | null = null;
    for (const slot of this.#events.keys()) last = slot + this.#ms;
    return last === null || last <= time ? null : { used: this.read(time), resetsAt: last };
  }

  /** What leaves the window when it moves on to `time`; it does not move back. */
  #expired(seen: number, time: number): bigint {
    let sum = 0n;
    if (time <= seen) return sum;
    for (const [slot, amount] of this.#events) {
      if (slot > time - this.#ms) break;
      if (slot > seen - this.#ms) sum += amount;
    }
    return sum;
  }

  /** Moves the window, and returns where its end is now. */
  #moveTo(time: number): number {
    const seen = this.#seen ?? time;
    if (seen - time > this.#ms + DAY) {
      // The clock was far ahead and has been set back: what it counted counts from now.
      this.#events = new Map([[time, this.#used]]);
      this.#seen = time;
      return time;
    }
    this.#used -= this.#expired(seen, time);
    const at = Math.max(seen, time);
    for (const slot of this.#events.keys()) {
      if (slot > at - this.#ms) break;
      this.#events.delete(slot);
    }
    this.#seen = at;
    return at;
  }
}
