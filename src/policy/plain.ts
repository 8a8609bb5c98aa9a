import type { Comparison, Condition, Group } from "./conditions/conditions.ts";
import { lookup, settle } from "./conditions/lookup.ts";
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
  const { action, when, conditions, increments, shadow } = rule;
  // What a rule adds that is not for the call takes a closer look.
  if (shadow || (when.length > 0 && increments.length > 0)) return false;
  for (const { counter, amount } of increments) {
    if (standing.get(counter) instanceof Fault || typeof amount.of(subject.call.args) === "string")
      return false;
  }
  // Counters are other ones in `when`: none is known to it here.
  const meant = when.length === 0 ? true : every(when, subject, NOTHING);
  if (meant !== true) return meant === false;
  const all = every(conditions, subject, standing);
  return action === "evaluate" ? all === true : all === false;
}

const NOTHING: Standing = new Map();

/** What `see` would find: whether it holds; null where that takes a closer look. */
type Answer = boolean | null;

function every(conditions: readonly Condition[], subject: Subject, standing: Standing): Answer {
  let all = true;
  for (const condition of conditions) {
    const answer = holds(condition, subject, standing);
    if (answer === null) return null;
    all &&= answer;
  }
  return all;
}

function holds(condition: Condition, subject: Subject, standing: Standing): Answer {
  if (condition.kind !== "comparison") return groupHolds(condition, subject, standing);
  const { path, read, counter, counterTest } = condition;
  if (path.root === "state") {
    const micros = counter === null ? undefined : standing.get(counter);
    return typeof micros === "bigint" ? sure(counterTest(micros)) : null;
  }
  // A tool's class can be several.
  if (path.text === "tool.class") return null;
  const root = read(subject);
  if (!path.quantified) return holdsOn(condition, lookup(root, path.steps));
  return settle(root, path.steps, "", (value) => {
    const seen = holdsOn(condition, value);
    return { seen, weight: seen === null ? "errs" : seen ? "holds" : "fails" };
  }).seen;
}

function groupHolds({ kind, items }: Group, subject: Subject, standing: Standing): Answer {
  if (kind !== "any") {
    const all = every(items, subject, standing);
    return kind === "all" || all === null ? all : !all;
  }
  let any: Answer = false;
  for (const item of items) {
    const answer = holds(item, subject, standing);
    if (answer === true) return true;
    if (answer === null) any = null;
  }
  return any;
}

function holdsOn({ op, value, test }: Comparison, found: ReturnType<typeof lookup>): Answer {
  if (found instanceof Fault) return null;
  if (op === "exists") return value === (found !== undefined);
  return found === undefined ? false : sure(test(found));
}

/** A text says why it cannot be judged. */
const sure = (held: boolean | string): Answer => (typeof held === "boolean" ? held : null);
