import { createHash } from "node:crypto";
import { compileFile, type FilePlan, type Mention } from "./compile-file.ts";
import type { Amount, Counter, CounterUse } from "./counters.ts";
import { folded, globMatches, nameMatches } from "./names.ts";
import type { SourceFile } from "./parse.ts";
import type { Plan, Policy, Refusal, Rule } from "./plan.ts";

export type { Plan, Policy } from "./plan.ts";

/** Tools whose plans are kept. A server has fewer; only an agent that invents names reaches it. */
const KEPT_PLANS = 2_000;

/** Compiles valid files into one policy. All must allow a call: every file's rules apply. */
export function compile(sources: readonly SourceFile[]): Policy {
  const counters = new Map<string, Counter>();
  const files = sources.map((source) => compileFile(source, counters));
  const plans = new Map<string, Plan>();
  return {
    hash: hashOf(sources.map((source) => source.text)),
    files: sources.map((source) => source.name),
    rules: files.reduce((sum, file) => sum + file.rules, 0),
    limits: files.flatMap((file) => file.limits),
    plan(tool) {
      let plan = plans.get(tool);
      if (plan === undefined) {
        if (plans.size >= KEPT_PLANS) plans.clear();
        plan = planFor(tool, files);
        plans.set(tool, plan);
      }
      return plan;
    },
    hidden: (tool) => hiddenBy(tool, files) !== null,
  };
}

function planFor(tool: string, files: readonly FilePlan[]): Plan {
  const refusal = refusalOf(tool, files);
  if (refusal !== null) return { refusal, rules: [], counters: [] };
  const rules = files.flatMap((file) => file.rulesFor(tool));
  return { refusal: null, rules, counters: usesOf(rules) };
}

function hiddenBy(tool: string, files: readonly FilePlan[]): Mention | null {
  for (const file of files) {
    const entry = file.hide.find((each) => nameMatches(each.name, tool));
    if (entry !== undefined) return entry;
  }
  return null;
}

function refusalOf(tool: string, files: readonly FilePlan[]): Refusal | null {
  const hidden = hiddenBy(tool, files);
  if (hidden !== null) return { rule: hidden.ref, message: `Tool ${JSON.stringify(tool)} is not available` };
  const other = nearMiss(tool, files);
  if (other !== null) {
    return {
      rule: { ...other.ref, name: "exact name" },
      message: `Tool ${JSON.stringify(tool)} differs from ${JSON.stringify(other.name)} only in case, Unicode form or surrounding space; names must match exactly`,
    };
  }
  for (const { closed, lists } of files) {
    if (closed !== null && !lists(tool)) {
      return { rule: closed, message: `Tool ${JSON.stringify(tool)} is not on the list of allowed tools` };
    }
  }
  return null;
}

/**
 * The mentioned name that `tool` equals only after folding. Servers differ in how they match names, so such a
 * call might run a tool past the rules written for it.
 */
function nearMiss(tool: string, files: readonly FilePlan[]): Mention | null {
  if (files.some((file) => file.mentions.has(tool))) return null;
  const fold = folded(tool);
  for (const file of files) {
    const exact = file.foldedNames.get(fold);
    if (exact !== undefined) return exact;
    for (const glob of file.globs) {
      if (!globMatches(glob.name, tool) && globMatches(folded(glob.name), fold)) return glob;
    }
  }
  return null;
}

function usesOf(rules: readonly Rule[]): CounterUse[] {
  const uses = new Map<Counter, Map<string, Amount>>();
  const amountsOf = (counter: Counter) => {
    const known = uses.get(counter) ?? new Map<string, Amount>();
    uses.set(counter, known);
    return known;
  };
  for (const rule of rules) {
    for (const { counter } of rule.conditions) if (counter !== null) amountsOf(counter);
    // The same amount on the same counter is one count of one call, however many rules declare it.
    for (const { counter, amount } of rule.increments) amountsOf(counter).set(amount.key, amount);
  }
  return [...uses].map(([counter, amounts]) => ({ counter, amounts: [...amounts.values()] }));
}

function hashOf(texts: readonly string[]): string {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hashes = texts.map(sha256);
  const [only] = hashes;
  return hashes.length === 1 && only !== undefined ? only : sha256(hashes.join("\n"));
}
