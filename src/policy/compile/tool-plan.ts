import type { Condition } from "../conditions/conditions.ts";
import type { Amount } from "../counters/amounts.ts";
import type { Counter, CounterUse } from "../counters/counters.ts";
import type { Named, Plan, Refusal, ResultPlan, Rule } from "../plan.ts";
import { classesOf, only, type ToolClass } from "../tools/classes.ts";
import type { FilePlan } from "./compile-file.ts";
import { type Mention, nearMiss } from "./near-miss.ts";

/** What files that govern an upstream say of calls of a tool. */
export function toolPlan({ tool, annotations }: Named, files: readonly FilePlan[]): Plan {
  const enforced = files.filter((file) => !file.shadow);
  const classes = classesBy(tool, annotations, enforced);
  const refusal = refusalOf(tool, enforced, classes);
  if (refusal !== null) {
    return { refusal, shadowRefusal: null, rules: [], counters: [], classes, shadowClasses: classes };
  }
  const shadowClasses = classesBy(tool, annotations, files);
  const shadowRefusal = refusalOf(
    tool,
    files.filter((file) => file.shadow),
    shadowClasses,
  );
  const rules = files.flatMap((file) => file.rulesFor(tool, file.shadow ? shadowClasses : classes));
  return { refusal: null, shadowRefusal, rules, counters: usesOf(rules), classes, shadowClasses };
}

/** What they say of its results. */
export function resultPlan({ tool, annotations }: Named, files: readonly FilePlan[]): ResultPlan {
  const enforced = files.filter((file) => !file.shadow);
  const classes = classesBy(tool, annotations, enforced);
  const shadowClasses = classesBy(tool, annotations, files);
  const rules = files.flatMap((file) => file.resultRulesFor(tool, file.shadow ? shadowClasses : classes));
  return { rules, classes, shadowClasses };
}

/** What they say of what a resource holds, or a prompt. */
export function contentPlan(files: readonly FilePlan[]): ResultPlan {
  const rules = files.flatMap((file) => file.resultRulesForAll);
  return { rules, classes: only("read"), shadowClasses: only("read") };
}

/** What the files say a tool is, all that they say; else what it says itself. */
export function classesBy(
  tool: string,
  annotations: Named["annotations"],
  files: readonly FilePlan[],
): readonly ToolClass[] {
  const said = new Set(files.flatMap((file) => file.classOf(tool) ?? []));
  const [first] = said;
  if (first === undefined) return classesOf(tool, annotations);
  return said.size === 1 ? only(first) : [...said];
}

export function hiddenBy(
  tool: string,
  files: readonly FilePlan[],
  classes: readonly ToolClass[],
): Refusal | null {
  for (const file of files) {
    const rule = file.hides(tool, classes);
    if (rule !== null) return { rule, message: `Tool ${JSON.stringify(tool)} is not available` };
  }
  return null;
}

function refusalOf(tool: string, files: readonly FilePlan[], classes: readonly ToolClass[]): Refusal | null {
  const hidden = hiddenBy(tool, files, classes);
  if (hidden !== null) return hidden;
  const mentions = files.map((file) => file.mentions);
  const other = nearMiss(tool, mentions);
  if (other !== null) {
    return notExact("Tool", tool, other);
  }
  for (const { closed, lists } of files) {
    if (closed !== null && !lists(tool, classes)) {
      return { rule: closed, message: notListed("Tool", tool) };
    }
  }
  return null;
}

/** What `default: deny` says of what is on no list. */
export const notListed = (noun: string, name: string): string =>
  `${noun} ${JSON.stringify(name)} is not on the list of allowed ${noun.toLowerCase()}s`;

/** The refusal of a name that is one the policy mentions only after folding. */
export function notExact(noun: string, name: string, { name: mentioned, ref }: Mention): Refusal {
  return {
    rule: { ...ref, name: "exact name" },
    message: `${noun} ${JSON.stringify(name)} differs from ${JSON.stringify(mentioned)} only in case, Unicode form or surrounding space; names must match exactly`,
  };
}

/** The counters that rules use, and who adds what to them. */
export function usesOf(rules: readonly Rule[]): CounterUse[] {
  const uses = new Map<Counter, Map<string, { readonly amount: Amount; readonly rules: number[] }>>();
  const amountsOf = (counter: Counter) => {
    const known = uses.get(counter) ?? new Map();
    uses.set(counter, known);
    return known;
  };
  for (const [i, rule] of rules.entries()) {
    for (const counter of [...rule.when, ...rule.conditions].flatMap(readBy)) amountsOf(counter);
    for (const { counter, amount } of rule.increments) {
      // The same amount on the same counter is one count of one call, however many rules declare it.
      const known = amountsOf(counter).get(amount.key) ?? { amount, rules: [] };
      known.rules.push(i);
      amountsOf(counter).set(amount.key, known);
    }
  }
  return [...uses].map(([counter, amounts]) => ({ counter, amounts: [...amounts.values()] }));
}

/** The counters that a condition reads. */
function readBy(condition: Condition): Counter[] {
  if (condition.kind !== "comparison") return condition.items.flatMap(readBy);
  return condition.counter === null ? [] : [condition.counter];
}
