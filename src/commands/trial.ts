import { decimal } from "../policy/counters/decimal.ts";
import { decide, needs } from "../policy/decide.ts";
import type { Policy } from "../policy/plan.ts";
import type { Call, CounterNeed, Decision } from "../policy/types.ts";
import { MemoryStore } from "../state/memory.ts";

/** Decides calls as the gateway does, one after the other, on counters that are gone afterwards. */
export class Trial {
  readonly store = new MemoryStore();
  readonly #policy: Policy;
  /** What is in counters before the first call, in units, by the path that reads them. */
  readonly #initial: Readonly<Record<string, number>>;
  readonly #filled = new Set<string>();

  constructor(policy: Policy, initial: Readonly<Record<string, number>> = {}) {
    this.#policy = policy;
    this.#initial = initial;
  }

  /** @param approved `ruleKey` of each rule that a person has said yes to */
  decide(call: Call, approved?: ReadonlySet<string>): Decision {
    const all = needs(call, this.#policy);
    this.#fill(all, call.time);
    return this.store.reserve(all, call.time, (before) => decide(call, this.#policy, before, approved))
      .judged;
  }

  #fill(all: readonly CounterNeed[], time: number): void {
    const wanted = all.flatMap((need) => {
      const micros = decimal(this.#initial[`state.${need.scope}.${need.counter}`], true);
      if (typeof micros !== "bigint" || this.#filled.has(need.id)) return [];
      this.#filled.add(need.id);
      return [{ ...need, add: micros }];
    });
    this.store.reserve(wanted, time, () => ({ increments: wanted }));
  }
}
