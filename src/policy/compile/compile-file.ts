import { dirname } from "node:path";
import type { CounterPool } from "../counters/counters.ts";
import type { PluginUse, Rule } from "../plan.ts";
import type { Recording } from "../schema/policy-file.ts";
import type { SourceFile } from "../source/parse.ts";
import type { ToolClass } from "../tools/classes.ts";
import { nameMatches } from "../tools/names.ts";
import type { CounterLimit, RuleRef } from "../types.ts";
import { compileBudget } from "./budgets.ts";
import { compileRule, type FileContext } from "./compile-rule.ts";
import { declaredCounters } from "./declared.ts";
import { limitsOf } from "./limits.ts";
import { type Mentions, mentionsOf } from "./near-miss.ts";
import { compileRequests, type RequestPlan } from "./requests.ts";
import { compileResultRule, type ResultRule } from "./result-rules.ts";
import { classKey, lists, parseSelector, type Selector, selects } from "./selectors.ts";

/** A key or an item, and where it stands. */
interface Entry {
  readonly selector: Selector;
  readonly ref: RuleRef;
}

/** What one file says, by tool. */
export interface FilePlan {
  /** Whether it only watches. */
  readonly shadow: boolean;
  readonly rules: number;
  readonly limits: readonly CounterLimit[];
  readonly plugins: readonly PluginUse[];
  governs(upstream: string): boolean;
  /** What `audit:` says of arguments; null where it says nothing. */
  readonly recording: Recording | null;
  /** The class that `classes:` gives a tool; null where it does not. */
  classOf(tool: string): ToolClass | null;
  /** The item of `hide:` that a tool falls under. */
  hides(tool: string, classes: readonly ToolClass[]): RuleRef | null;
  /** Where the file says `default: deny`; null where it does not. */
  readonly closed: RuleRef | null;
  readonly mentions: Mentions;
  /** Whether a key other than "*" covers the tool. */
  lists(tool: string, classes: readonly ToolClass[]): boolean;
  /** Rules of the exact key, then of globs and classes as they stand in the file, then of "*", then budgets. */
  rulesFor(tool: string, classes: readonly ToolClass[]): readonly Rule[];
  /** Whether it has rules about results. */
  readonly judgesResults: boolean;
  resultRulesFor(tool: string, classes: readonly ToolClass[]): readonly ResultRule[];
  /** Those under "*", which are for resources and prompts too. */
  readonly resultRulesForAll: readonly ResultRule[];
  readonly resource: RequestPlan;
  readonly prompt: RequestPlan;
}

/** @param pool the counters of the whole policy; those of this file are added */
export function compileFile(source: SourceFile, pool: CounterPool, shadow: boolean): FilePlan {
  const { data, name: file } = source;
  const context: FileContext = {
    declared: declaredCounters(data, pool, shadow),
    timezone: data.timezone,
    shadow,
  };
  const entryAt = (text: string, tool: string, name: string, path: readonly (string | number)[]): Entry => ({
    selector: parseSelector(text),
    ref: { name, tool, file, line: source.line(path, "key") },
  });

  const keys = Object.entries(data.tools).map(([key, { rules }]) => ({
    ...entryAt(key, key, key, ["tools", key]),
    rules: rules.map((rule, i) => {
      const ref = { name: rule.name, tool: key, file, line: source.line(["tools", key, "rules", i]) };
      return compileRule(rule, ref, context);
    }),
  }));
  const results = Object.entries(data.results).map(([key, { rules }]) => ({
    ...entryAt(key, key, key, ["results", key]),
    rules: rules.map((rule, i) => {
      const ref = { name: rule.name, tool: key, file, line: source.line(["results", key, "rules", i]) };
      return compileResultRule(rule, ref, data.timezone, shadow);
    }),
  }));
  const resource = compileRequests(source, "resources", context);
  const prompt = compileRequests(source, "prompts", context);
  const hidden = data.hide.map((item, i) =>
    entryAt(typeof item === "string" ? item : classKey(item.class), "hide", "hidden", ["hide", i]),
  );
  const budgets = Object.entries(data.budgets).map(([name, budget]) =>
    Object.entries(budget.tools).map(([key, amount]) => {
      const entry = entryAt(key, "budgets", name, ["budgets", name]);
      return { ...entry, rule: compileBudget(name, budget, amount, entry.ref, context) };
    }),
  );
  const classed = Object.keys(data.classes).map((key) => entryAt(key, key, key, ["classes", key]));
  const asking = data.plugins.flatMap(({ use, tools }, i) =>
    tools.map((tool) => ({
      selector: parseSelector(tool),
      ref: { name: use, tool: "plugins", file, line: source.line(["plugins", i]) },
    })),
  );
  const mentioned = [...keys, ...results, ...hidden, ...budgets.flat(), ...classed, ...asking].filter(
    ({ selector: { kind } }) => kind === "name" || kind === "glob",
  );
  const rules = [...keys.flatMap((key) => key.rules), ...resource.rules, ...prompt.rules];
  const firstOfBudgets = budgets.flatMap(([first]) => first?.rule ?? []);
  return {
    shadow,
    rules: rules.length + budgets.length + results.reduce((sum, key) => sum + key.rules.length, 0),
    limits: [...rules, ...firstOfBudgets].flatMap(limitsOf),
    plugins: data.plugins.map((entry, i) => ({
      entry,
      ref: { name: entry.use, tool: "plugins", file, line: source.line(["plugins", i]) },
      folder: dirname(source.path),
      timezone: data.timezone,
      shadow,
      governs: (upstream) => governs(source, upstream),
      recording: data.audit?.arguments ?? null,
      place: (path, at) => source.place(["plugins", i, ...path], at),
    })),
    governs: (upstream) => governs(source, upstream),
    recording: data.audit?.arguments ?? null,
    classOf: (tool) => classIn(data.classes, tool),
    hides: (tool, classes) => hidden.find(({ selector }) => selects(selector, tool, classes))?.ref ?? null,
    closed:
      data.default === "deny"
        ? { name: "default deny", tool: "default", file, line: source.line(["default"]) }
        : null,
    mentions: mentionsOf(mentioned.map(({ selector, ref }) => ({ name: selector.text, ref }))),
    lists: (tool, classes) => keys.some(({ selector }) => lists(selector, tool, classes)),
    // One call takes from a budget once: by its own key, or by the first that is for it.
    rulesFor: (tool, classes) => [
      ...matching(keys, tool, classes).flatMap((key) => key.rules),
      ...budgets.flatMap((entries) => matching(entries, tool, classes)[0]?.rule ?? []),
    ],
    judgesResults: results.some(({ rules }) => rules.length > 0),
    resultRulesFor: (tool, classes) => matching(results, tool, classes).flatMap((key) => key.rules),
    resultRulesForAll: results.flatMap(({ selector, rules }) => (selector.kind === "all" ? rules : [])),
    resource,
    prompt,
  };
}

const RANK = { name: 0, glob: 1, class: 1, all: 2 } as const;

/** The entries for a tool: those that name it first, "*" last. */
const matching = <T extends Entry>(entries: readonly T[], tool: string, classes: readonly ToolClass[]): T[] =>
  entries
    .filter(({ selector }) => selects(selector, tool, classes))
    .sort((a, b) => RANK[a.selector.kind] - RANK[b.selector.kind]);

/** Whether a file is for an upstream: by its own `servers:`, and by those of the files that include it. */
export function governs({ data, routes }: SourceFile, upstream: string): boolean {
  const among = (names: readonly string[]) => names.some((each) => nameMatches(each, upstream));
  return (
    (data.servers === undefined || among(data.servers)) && routes.some(({ servers }) => servers.every(among))
  );
}

function classIn(classes: SourceFile["data"]["classes"], tool: string): ToolClass | null {
  if (Object.hasOwn(classes, tool)) return classes[tool] ?? null;
  const glob = Object.keys(classes).find((key) => nameMatches(key, tool));
  return glob === undefined ? null : (classes[glob] ?? null);
}
