import { createHash } from "node:crypto";
import type { Amount } from "./amounts.ts";
import { classesOf, only, type ToolClass } from "./classes.ts";
import { compileFile, type FilePlan } from "./compile-file.ts";
import type { Condition } from "./conditions.ts";
import { type Counter, CounterPool, type CounterUse } from "./counters.ts";
import { nearMiss } from "./near-miss.ts";
import type { SourceFile } from "./parse.ts";
import type { Named, Plan, Policy, Refusal, Rule } from "./plan.ts";
import { PlanCache } from "./plan-cache.ts";

export type { Plan, Policy } from "./plan.ts";

/** Which files only watch: those that say so, or whatever they say all or none. */
export type ModeOverride = "as written" | "all shadow" | "all enforced";

/** Compiles valid files into one policy. All must allow a call: every file's rules apply. */
export function compile(sources: readonly SourceFile[], mode: ModeOverride = "as written"): Policy {
  const files = compileFiles(sources, mode);
  const plans = new PlanCache();
  const governing = (upstream: string) => files.filter((file) => file.governs(upstream));
  return {
    hash: hashOf(sources.map((source) => source.text)),
    files: sources.map((source) => source.name),
    rules: files.reduce((sum, file) => sum + file.rules, 0),
    limits: files.flatMap((file) => file.limits),
    governs: (upstream) => governing(upstream).length > 0,
    plan: (named) => plans.get(named, () => planFor(named, governing(named.upstream))),
    hidden(tool, upstream, annotations) {
      const enforced = governing(upstream).filter((file) => !file.shadow);
      return hiddenBy(tool, enforced, classesBy(tool, annotations, enforced)) !== null;
    },
  };
}

function compileFiles(sources: readonly SourceFile[], mode: ModeOverride): FilePlan[] {
  const watches = ({ data, routes }: SourceFile) =>
    mode === "all shadow" ||
    (mode === "as written" && (data.mode === "shadow" || routes.every((route) => route.shadow)));
  const pool = new CounterPool();
  const compiled = new Map<SourceFile, FilePlan>();
  // The counters of enforced files come first, for the others to see them.
  for (const shadow of [false, true]) {
    for (const source of sources) {
      if (watches(source) === shadow) compiled.set(source, compileFile(source, pool, shadow));
    }
  }
  return sources.flatMap((source) => compiled.get(source) ?? []);
}

function planFor({ tool, annotations }: Named, files: readonly FilePlan[]): Plan {
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

/** What the files say a tool is, all that they say; else what it says itself. */
function classesBy(
  tool: string,
  annotations: Named["annotations"],
  files: readonly FilePlan[],
): readonly ToolClass[] {
  const said = new Set(files.flatMap((file) => file.classOf(tool) ?? []));
  const [first] = said;
  if (first === undefined) return classesOf(tool, annotations);
  return said.size === 1 ? only(first) : [...said];
}

function hiddenBy(tool: string, files: readonly FilePlan[], classes: readonly ToolClass[]): Refusal | null {
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
    return {
      rule: { ...other.ref, name: "exact name" },
      message: `Tool ${JSON.stringify(tool)} differs from ${JSON.stringify(other.name)} only in case, Unicode form or surrounding space; names must match exactly`,
    };
  }
  for (const { closed, lists } of files) {
    if (closed !== null && !lists(tool, classes)) {
      return { rule: closed, message: `Tool ${JSON.stringify(tool)} is not on the list of allowed tools` };
    }
  }
  return null;
}

function usesOf(rules: readonly Rule[]): CounterUse[] {
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

function hashOf(texts: readonly string[]): string {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hashes = texts.map(sha256);
  const [only] = hashes;
  return hashes.length === 1 && only !== undefined ? only : sha256(hashes.join("\n"));
}
