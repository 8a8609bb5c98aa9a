import { compileCondition } from "./conditions.ts";
import { type Amount, type Counter, constantAmount, pathAmount, RATE_COUNTER, scopeOf } from "./counters.ts";
import { decimal } from "./decimal.ts";
import { parsePath } from "./paths.ts";
import type { PlannedCondition, Rule } from "./plan.ts";
import type { RuleText, StateText } from "./schema.ts";
import type { CounterLimit, RuleRef, Window } from "./types.ts";
import { parseRate, windowText } from "./window.ts";

/** The counters of a file. */
export interface Declared {
  /** The one that a rule under `scope` declares; null where none does. */
  find(scope: string, name: string): Counter | null;
  rate(scope: string, window: Window): Counter;
}

/** Compiles a rule that has passed validation. */
export function compileRule(rule: RuleText, ref: RuleRef, declared: Declared, timezone: string): Rule {
  const scope = scopeOf(ref.tool);
  const conditions: PlannedCondition[] = rule.conditions.map((text) => {
    const condition = compileCondition(text);
    const { path } = condition;
    const counter = path.root === "state" ? declared.find(path.scope, path.counter) : null;
    return { condition, counter, failure: null };
  });
  const increments: { counter: Counter; amount: Amount }[] = [];
  if (rule.state !== undefined) {
    const counter = declared.find(scope, rule.state.counter);
    if (counter !== null) increments.push({ counter, amount: amountOf(rule.state) });
  }
  if (rule.rate_limit !== undefined) {
    const { limit, window } = parseRate(rule.rate_limit, timezone);
    const counter = declared.rate(scope, window);
    const condition = compileCondition({ path: `state.${scope}.${RATE_COUNTER}`, op: "lte", value: limit });
    const whose = ref.tool === "*" ? "all tools together" : ref.tool;
    const failure = `the limit of ${limit} calls per ${windowText(window)} to ${whose} is reached`;
    conditions.push({ condition, counter, failure });
    increments.push({ counter, amount: constantAmount(1_000_000n) });
  }
  return { ref, action: rule.action, conditions, increments, onDeny: rule.on_deny ?? null };
}

function amountOf(state: StateText): Amount {
  if (state.increment_from !== undefined) {
    const path = parsePath(state.increment_from);
    if (path.root === "args") return pathAmount(path.text, path.steps);
  }
  const micros = decimal(state.increment ?? 1);
  if (typeof micros === "string")
    throw new Error(`increment ${state.increment} passed validation: ${micros}`);
  return constantAmount(micros);
}

/** The limits that a rule sets on counters: a call is denied when it would take one past `limit`. */
export function limitsOf({ ref, action, conditions }: Rule): CounterLimit[] {
  if (action === "deny") return [];
  return conditions.flatMap(({ condition: { op, value }, counter }) => {
    if (counter === null || (op !== "lte" && op !== "lt")) return [];
    const limit = decimal(value);
    if (typeof limit !== "bigint") return [];
    return [{ scope: counter.scope, counter: counter.name, window: counter.window, limit, rule: ref }];
  });
}
