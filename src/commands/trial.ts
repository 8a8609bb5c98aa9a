import { judgeCall } from "../judging/judge-call.ts";
import { PLAIN_TERMS, type Ruling, type Terms } from "../judging/rule.ts";
import type { Ruleset } from "../judging/ruleset.ts";
import { decimal } from "../policy/counters/decimal.ts";
import { needs } from "../policy/decide.ts";
import type { Call } from "../policy/types.ts";
import { MemoryStore } from "../state/memory.ts";

/** Judges calls as the gateway does, one after the other, on counters that are gone afterwards. */
export class Trial {
  readonly store = new MemoryStore();
  readonly #ruleset: Ruleset;
  /** What is in counters before the first call, in units, by the path that reads them. */
  readonly #initial: Readonly<Record<string, number>>;
  readonly #filled = new Set<string>();

  constructor(ruleset: Ruleset, initial: Readonly<Record<string, number>> = {}) {
    this.#ruleset = ruleset;
    this.#initial = initial;
  }

  async judge(call: Call, terms: Partial<Terms> = {}): Promise<Ruling> {
    this.#fill(call);
    return judgeCall(call, this.#ruleset, this.store, { ...PLAIN_TERMS, ...terms });
  }

  #fill(call: Call): void {
    const wanted = needs(call, this.#ruleset.policy).flatMap((need) => {
      const micros = decimal(this.#initial[`state.${need.scope}.${need.counter}`], true);
      if (typeof micros !== "bigint" || this.#filled.has(need.id)) return [];
      this.#filled.add(need.id);
      return [{ ...need, add: micros }];
    });
    this.store.reserve(wanted, call.time, () => ({ increments: wanted }));
  }
}
