import type { Condition } from "../conditions/conditions.ts";
import { decimal } from "../counters/decimal.ts";
import type { Rule } from "../plan.ts";
import type { CounterLimit } from "../types.ts";

/** The limits that a rule sets on counters: a call is denied when it would take one past `limit`. */
export function limitsOf({ ref, action, conditions }: Rule): CounterLimit[] {
  if (action !== "evaluate") return [];
  return conditions.flatMap((condition) => limitOf(condition).map((limit) => ({ ...limit, rule: ref })));
}

function limitOf(condition: Condition): Omit<CounterLimit, "rule">[] {
  if (condition.kind === "all") return condition.items.flatMap(limitOf);
  // Of what stands in `any` or `not`, no one part is a limit.
  if (condition.kind !== "comparison") return [];
  const { op, value, counter } = condition;
  if (counter === null || (op !== "lte" && op !== "lt")) return [];
  const limit = decimal(value);
  if (typeof limit !== "bigint") return [];
  return [{ scope: counter.scope, counter: counter.name, window: counter.window, limit }];
}
