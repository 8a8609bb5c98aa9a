import { MemoryStore } from "../state/memory.ts";
import type { Reserving } from "../state/store.ts";

/** Counters as they are in a store, to which nothing is added. */
export function lookingAt(store: Reserving): Reserving {
  return {
    reserve(needs, time, judge) {
      const only = needs.map((need) => ({ ...need, add: 0n }));
      const { judged } = store.reserve(only, time, (before) => ({ before, increments: [] }));
      return { judged: judge(judged.before), reservation: null };
    },
    refund() {},
  };
}

/** Counters that stand at zero, each of them, and to which nothing is added. */
export const atZero: Reserving = {
  reserve: (needs, _time, judge) => ({
    judged: judge(new Map(needs.map(({ id }) => [id, 0n]))),
    reservation: null,
  }),
  refund() {},
};

/**
 * Counters as they were before a call that was decided, to which nothing is added. Those that it had no need of then
 * count from the first call on that is decided so.
 */
export class Recollection {
  readonly #since = new MemoryStore();

  /** @param before micros by counter id */
  of(before: ReadonlyMap<string, bigint>): Reserving {
    return {
      reserve: (needs, time, judge) => {
        const news = needs.filter(({ id }) => !before.has(id));
        const { judged } = this.#since.reserve(news, time, (since) => {
          const decided = judge(new Map([...before, ...since]));
          return { decided, increments: decided.increments.filter(({ id }) => since.has(id)) };
        });
        return { judged: judged.decided, reservation: null };
      },
      refund() {},
    };
  }
}
