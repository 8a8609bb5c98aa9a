import type { ComparisonText, ConditionText } from "../conditions/condition-text.ts";
import type { DataPath } from "../source/locate.ts";

/** A comparison, however deep in groups, and where it stands. */
export interface Placed {
  readonly comparison: ComparisonText;
  readonly path: DataPath;
  /** Whether it stands in an odd number of `not`: what holds, then does not. */
  readonly negated: boolean;
}

/** @param path where the condition stands */
export function comparisonsIn(condition: ConditionText, path: DataPath, negated = false): Placed[] {
  if ("path" in condition) return [{ comparison: condition, path, negated }];
  if ("not" in condition) return comparisonsIn(condition.not, [...path, "not"], !negated);
  const [key, items] =
    "any" in condition ? (["any", condition.any] as const) : (["all", condition.all] as const);
  return items.flatMap((each, i) => comparisonsIn(each, [...path, key, i], negated));
}

/** Those of a list of conditions. */
export const comparisonsOf = (conditions: readonly ConditionText[], path: DataPath): Placed[] =>
  conditions.flatMap((each, i) => comparisonsIn(each, [...path, i]));
