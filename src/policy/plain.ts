import type { Comparison, Condition } from "./conditions/conditions.ts";
import { lookup } from "./conditions/lookup.ts";
import { Fault } from "./fault.ts";
import type { Rule } from "./plan.ts";
import type { Standing } from "./see.ts";
import type { Subject } from "./subject.ts";

/**
 * Whether every rule plainly lets the call pass: what most calls come to, told without making a trace of it.
 * False says nothing; then they are judged one by one.
 */
export function plainlyPass(rules: readonly Rule[], subject: Subject, standing: Standing): boolean {
  for (const rule of rules) if (!passes(rule, subject, standing)) return false;
  return true;
}

function passes(rule: Rule, subject: Subject, standing: Standing): boolean {
  if (rule.action !== "evaluate" || rule.when.length > 0 || rule.shadow) return false;
  for (const { counter, amount } of rule.increments) {
    if (standing.get(counter) instanceof Fault || typeof amount.of(subject.call.args) === "string")
      return false;
  }
  for (const condition of rule.conditions) if (!holds(condition, subject, standing)) return false;
  return true;
}

/** Whether `see` would find that it holds; false as well where that takes a closer look. */
function holds(condition: Condition, subject: Subject, standing: Standing): boolean {
  if (condition.kind !== "comparison") return false;
  const { path, read, counter, counterTest } = condition;
  if (path.root === "state") {
    const micros = counter === null ? undefined : standing.get(counter);
    return typeof micros === "bigint" && counterTest(micros) === true;
  }
  if (path.quantified) return false;
  return holdsOn(condition, lookup(read(subject), path.steps));
}

function holdsOn({ op, value, test }: Comparison, found: ReturnType<typeof lookup>): boolean {
  if (found instanceof Fault) return false;
  if (op === "exists") return value === (found !== undefined);
  return found !== undefined && test(found) === true;
}
