import { compileCondition, counterLimit, type Meaning } from "../conditions/conditions.ts";
import { parsePath } from "../conditions/paths.ts";
import { type Amount, constantAmount, pathAmount } from "../counters/amounts.ts";
import { type Counter, RATE_COUNTER, scopeOf } from "../counters/counters.ts";
import { decimal } from "../counters/decimal.ts";
import { parseRate, windowText } from "../counters/window.ts";
import type { Rule } from "../plan.ts";
import type { RuleText, StateText } from "../schema/rules.ts";
import { parseDuration } from "../time/duration.ts";
import type { RuleRef, Window } from "../types.ts";

/** The counters of a file. */
export interface Declared {
  /** The one that a rule under `scope` declares; null where none does. */
  find(scope: string, name: string): Counter | null;
  rate(scope: string, window: Window, per: readonly string[]): Counter;
}

/** What rules of one file have in common. */
export interface FileContext {
  readonly declared: Declared;
  readonly timezone: string;
  readonly shadow: boolean;
}

/** How long a person has for an answer where the rule does not say. */
const TIMEOUT_MS = 5 * 60_000;

/** Compiles a rule that has passed validation. `scope`: of the counters it declares. */
export function compileRule(
  rule: RuleText,
  ref: RuleRef,
  file: FileContext,
  scope = scopeOf(ref.tool),
): Rule {
  const { declared, timezone, shadow } = file;
  const meaning: Meaning = { timezone, counter: (scope, name) => declared.find(scope, name) };
  const conditions = rule.conditions.map((text) => compileCondition(text, meaning));
  const increments: { counter: Counter; amount: Amount }[] = [];
  if (rule.state !== undefined) {
    const counter = declared.find(scope, rule.state.counter);
    if (counter !== null) increments.push({ counter, amount: amountOf(rule.state) });
  }
  if (rule.rate_limit !== undefined) {
    const { limit, window } = parseRate(rule.rate_limit, timezone);
    const counter = declared.rate(scope, window, rule.per ?? []);
    const whose = ref.tool === "*" ? "all tools together" : ref.tool;
    const failure = `the limit of ${limit} calls per ${windowText(window)} to ${whose} is reached`;
    conditions.push(counterLimit(counter, `state.${scope}.${RATE_COUNTER}`, limit, failure));
    increments.push({ counter, amount: constantAmount(1_000_000n) });
  }
  return {
    ref,
    action: rule.action,
    when: rule.when.map((text) => compileCondition(text, meaning)),
    conditions,
    increments,
    onDeny: rule.on_deny ?? null,
    timeoutMs: rule.timeout === undefined ? TIMEOUT_MS : parseDuration(rule.timeout),
    shadow,
  };
}

function amountOf({ increment_from, increment, allow_negative }: StateText): Amount {
  return readAmount(increment_from ?? increment ?? 1, allow_negative);
}

/** An amount as the file has it, a path or a number; it has passed validation. */
export function readAmount(given: string | number, signed: boolean): Amount {
  if (typeof given === "string") {
    const path = parsePath(given);
    if (path.root === "args") return pathAmount(path.text, path.steps, signed);
  }
  const micros = decimal(given, signed);
  if (typeof micros === "string") throw new Error(`increment ${given} passed validation: ${micros}`);
  return constantAmount(micros);
}
