import type { CounterNeed } from "../policy/types.ts";
import { type MemoryCounter, memoryCounter } from "./memory-counter.ts";
import type { CounterValue, Reservation, Store } from "./store.ts";
import { StoreError } from "./store-error.ts";

interface Kept {
  readonly need: CounterNeed;
  readonly counter: MemoryCounter;
}

/** Counters that end with the process, and count as those in the state file: for tests, tries and replays. */
export class MemoryStore implements Store {
  readonly #kept = new Map<string, Kept>();
  /** Reservations that can still be given back. */
  readonly #open = new WeakSet<Reservation>();

  reserve<T extends { readonly increments: readonly CounterNeed[] }>(
    needs: readonly CounterNeed[],
    time: number,
    judge: (before: ReadonlyMap<string, bigint>) => T,
  ): { judged: T; reservation: Reservation | null } {
    const before = new Map(needs.map(({ id }) => [id, this.#kept.get(id)?.counter.read(time) ?? 0n]));
    const judged = judge(before);
    const increments = judged.increments.filter(({ add }) => add !== 0n);
    for (const { id } of increments) {
      if (!before.has(id)) throw new StoreError(`counter ${id} was to be added to without being read.`);
    }
    const entries = increments.map((need) => ({
      need,
      windowStart: this.#counter(need).add(need.add, time),
    }));
    if (needs.some(({ add }) => add !== 0n)) {
      for (const id of before.keys()) this.#kept.get(id)?.counter.settle(time);
    }
    if (entries.length === 0) return { judged, reservation: null };
    const reservation = { entries };
    this.#open.add(reservation);
    return { judged, reservation };
  }

  refund(reservation: Reservation, which: (need: CounterNeed) => boolean = () => true): void {
    if (!this.#open.delete(reservation)) return;
    for (const { need, windowStart } of reservation.entries) {
      if (which(need)) this.#kept.get(need.id)?.counter.giveBack(need.add, windowStart);
    }
  }

  set(need: CounterNeed, value: bigint, time: number): bigint {
    const counter = this.#counter(need);
    const before = counter.read(time);
    counter.set(value, time);
    return before;
  }

  commit(): void {}

  list(time: number, limit: number): CounterValue[] {
    const values = [...this.#kept.values()].flatMap(({ need, counter }): CounterValue[] => {
      const value = counter.value(time);
      const { upstream, scope, counter: name, window, partition } = need;
      return value === null ? [] : [{ upstream, scope, counter: name, window, partition, ...value }];
    });
    return values.slice(0, limit);
  }

  close(): void {}

  #counter(need: CounterNeed): MemoryCounter {
    const kept = this.#kept.get(need.id) ?? { need, counter: memoryCounter(need) };
    this.#kept.set(need.id, kept);
    return kept.counter;
  }
}
