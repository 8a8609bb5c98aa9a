import { counterLimit } from "../conditions/conditions.ts";
import { BUDGET_SCOPE } from "../counters/counters.ts";
import { parseWindow, windowText } from "../counters/window.ts";
import type { Rule } from "../plan.ts";
import type { BudgetText } from "../schema/budgets.ts";
import type { RuleRef } from "../types.ts";
import { type FileContext, readAmount } from "./compile-rule.ts";

/** The rule that draws on a budget for the tools of one of its keys. It has passed validation. */
export function compileBudget(
  name: string,
  budget: BudgetText,
  amount: string | number,
  ref: RuleRef,
  { declared, timezone, shadow }: FileContext,
): Rule {
  const counter = declared.find(BUDGET_SCOPE, name);
  if (counter === null) throw new Error(`budget ${name} declares no counter`);
  const window = windowText(parseWindow(budget.window, timezone));
  const failure = `the budget of ${budget.limit} per ${window} would be passed`;
  return {
    ref,
    action: "evaluate",
    when: [],
    conditions: [counterLimit(counter, `state.${BUDGET_SCOPE}.${name}`, budget.limit, failure)],
    increments: [{ counter, amount: readAmount(amount, budget.allow_negative) }],
    onDeny: budget.on_deny ?? null,
    timeoutMs: 0,
    shadow,
  };
}
