import { type Answer, decideResult, type ResultDecision } from "../policy/results/decide-result.ts";
import type { Call } from "../policy/types.ts";
import type { Ruling } from "./rule.ts";
import { type Ruleset, seatsFor } from "./ruleset.ts";

/** What becomes of a result, and the plugins that were asked. */
export interface ResultRuling extends ResultDecision, Pick<Ruling, "plugins"> {}

/** Whether judging the call's result needs the result to be read at all. */
export const judgesResults = (call: Call, ruleset: Ruleset): boolean =>
  ruleset.policy.resultPlan(call).rules.length > 0 || seatsFor("onResult", ruleset, call).length > 0;

/**
 * Decides what becomes of a call's result: by the rules, then by plugins, which see what the rules left of it. At
 * once where no plugin is asked.
 */
export function judgeResult(
  call: Call,
  answer: Answer,
  ruleset: Ruleset,
): ResultRuling | Promise<ResultRuling> {
  const decision = { ...decideResult(call, answer, ruleset.policy), plugins: [] };
  const seats = seatsFor("onResult", ruleset, call);
  if (seats.length === 0 || decision.verdict === "deny") return decision;
  return import("./review.ts").then(({ review }) => review(seats, call, decision));
}
