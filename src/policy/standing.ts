import type { JsonObject } from "../wire/json.ts";
import type { Counter, CounterUse } from "./counters/counters.ts";
import { Fault } from "./fault.ts";
import type { Standing } from "./see.ts";
import type { Call, CounterNeed } from "./types.ts";

/** The counters of a call: what rules use, and what is in them before it. */
export interface Counted {
  readonly counters: readonly CounterUse[];
  readonly call: Call;
  /** Micros by the need's id. */
  readonly before: ReadonlyMap<string, bigint>;
}

/** An increment, and whether it is one of files that only watch. */
export interface Increment {
  readonly need: CounterNeed;
  readonly shadow: boolean;
}

/** Counters as they are before the call. */
export function beforeCall({ counters, call, before }: Counted): Standing {
  const values = new Map<Counter, bigint | Fault | undefined>();
  for (const { counter } of counters) {
    const need = counter.need(call, 0n);
    values.set(counter, need instanceof Fault ? need : before.get(need.id));
  }
  return values;
}

/**
 * Counters as they would stand if the call were allowed, and what it adds to them.
 *
 * @param skipped rules (by index) that are not for this call and add nothing
 */
export function afterCall({ counters, call, before }: Counted, skipped: Skipped) {
  const standing = new Map<Counter, bigint | Fault | undefined>();
  const increments: Increment[] = [];
  for (const use of counters) {
    const { counter } = use;
    const need = counter.need(call, added(use, call.args, skipped));
    if (need instanceof Fault) {
      standing.set(counter, need);
      continue;
    }
    const value = before.get(need.id);
    standing.set(counter, value === undefined ? undefined : value + need.add);
    if (need.add !== 0n) increments.push({ need, shadow: counter.shadow });
  }
  return { standing, increments };
}

type Skipped = { has(rule: number): boolean } | null;

/** Micros that a call adds. An amount that is none adds nothing: the rule that declares it denies the call. */
export function added({ amounts }: CounterUse, args: JsonObject, skipped: Skipped): bigint {
  let sum = 0n;
  for (const { amount, rules } of amounts) {
    if (skipped !== null && rules.every((rule) => skipped.has(rule))) continue;
    const micros = amount.of(args);
    if (typeof micros === "bigint") sum += micros;
  }
  return sum;
}
