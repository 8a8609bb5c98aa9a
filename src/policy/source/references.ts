/**
 * What the schema cannot see: names that must differ, selectors, and conditions on counters that rules must
 * declare. Reads the file's data as it is, so that one wrong key does not hide the problems elsewhere.
 */

import { parseSelector } from "../compile/selectors.ts";
import { Complaint } from "../complaint.ts";
import { parsePath } from "../conditions/paths.ts";
import { BUDGET_SCOPE, GLOBAL_SCOPE, RATE_COUNTER, scopeOf } from "../counters/counters.ts";
import { nearest } from "../suggest.ts";
import type { Issue } from "./issues.ts";
import type { DataPath } from "./locate.ts";

interface Found {
  readonly path: DataPath;
  readonly key: string;
  readonly rule: Record<string, unknown>;
}

/** A counter that a rule or a budget declares: the path that reads it, and how it counts. */
interface Declaration {
  readonly at: DataPath;
  readonly path: string;
  readonly how: Record<string, unknown>;
}

export function referenceIssues(data: unknown): Issue[] {
  const rules = rulesOf(data, "tools");
  const requests = [...rulesOf(data, "resources"), ...rulesOf(data, "prompts")];
  const counters = [...rules.flatMap(declaredBy), ...budgetsOf(data)];
  return [
    ...reservedKeys(data),
    ...wrongSelectors(data),
    ...wrongBudgetNames(data),
    ...[rules, ...["results", "resources", "prompts"].map((section) => rulesOf(data, section))].flatMap(
      sameNames,
    ),
    ...sameCounters(counters),
    ...unknownCounters([...rules, ...requests], new Set(counters.map(({ path }) => path))),
    ...unknownInTests(data, [...counters.map(({ path }) => path), ...ratesOf(data)]),
  ];
}

function rulesOf(data: unknown, section: string): Found[] {
  const found: Found[] = [];
  for (const [key, tool] of entries(record(data)?.[section])) {
    for (const [i, each] of list(record(tool)?.rules).entries()) {
      const rule = record(each);
      if (rule !== null) found.push({ path: [section, key, "rules", i], key, rule });
    }
  }
  return found;
}

function reservedKeys(data: unknown): Issue[] {
  const tools = record(record(data)?.tools);
  const issues: Issue[] = [];
  if (tools?.[GLOBAL_SCOPE] !== undefined) {
    const message = `"${GLOBAL_SCOPE}" is not a tool: it is where counters of "*" are kept`;
    issues.push({
      path: ["tools", GLOBAL_SCOPE],
      at: "key",
      message,
      help: 'write "*" for rules on all tools',
    });
  }
  if (tools?.[BUDGET_SCOPE] !== undefined && entries(record(data)?.budgets).length > 0) {
    const message = `"${BUDGET_SCOPE}" cannot be a tool in a file with budgets: state.${BUDGET_SCOPE} is theirs`;
    issues.push({ path: ["tools", BUDGET_SCOPE], at: "key", message, help: "put it into a file of its own" });
  }
  return issues;
}

function wrongSelectors(data: unknown): Issue[] {
  const file = record(data);
  const issues: Issue[] = [];
  const read = (text: string, path: DataPath, at: Issue["at"]) => {
    try {
      return parseSelector(text);
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      issues.push({ path, at, message: error.message, help: error.help });
      return null;
    }
  };
  for (const section of ["tools", "results"]) {
    for (const [key] of entries(file?.[section])) read(key, [section, key], "key");
  }
  for (const [i, item] of list(file?.hide).entries()) {
    if (typeof item === "string") read(item, ["hide", i], "value");
  }
  for (const [name, budget] of entries(file?.budgets)) {
    for (const [key] of entries(record(budget)?.tools)) read(key, ["budgets", name, "tools", key], "key");
  }
  for (const [key] of entries(file?.classes)) {
    if (read(key, ["classes", key], "key")?.kind !== "class") continue;
    const message = "a class is not a tool";
    issues.push({ path: ["classes", key], at: "key", message, help: "write a tool's name or a glob" });
  }
  return issues;
}

function wrongBudgetNames(data: unknown): Issue[] {
  return entries(record(data)?.budgets).flatMap(([name]): Issue[] => {
    if (/^[^\s.]+$/.test(name)) return [];
    const message = `budget name ${JSON.stringify(name)} has a dot or a space in it, or is empty`;
    const help = `write a name such as spend: conditions read it as state.${BUDGET_SCOPE}.spend`;
    return [{ path: ["budgets", name], at: "key", message, help }];
  });
}

function sameNames(rules: readonly Found[]): Issue[] {
  const seen = new Set<string>();
  return rules.flatMap(({ path, key, rule }): Issue[] => {
    if (typeof rule.name !== "string") return [];
    const id = JSON.stringify([key, rule.name]);
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const message = `another rule of ${JSON.stringify(key)} is named ${JSON.stringify(rule.name)} too`;
    return [{ path: [...path, "name"], at: "value", message, help: "give each rule of a tool its own name" }];
  });
}

function declaredBy({ path, key, rule }: Found): Declaration[] {
  const how = record(rule.state);
  if (typeof how?.counter !== "string") return [];
  return [{ at: [...path, "state"], path: `state.${scopeOf(key)}.${how.counter}`, how }];
}

function budgetsOf(data: unknown): Declaration[] {
  return entries(record(data)?.budgets).flatMap(([name, budget]) => {
    const how = record(budget);
    return how === null ? [] : [{ at: ["budgets", name], path: `state.${BUDGET_SCOPE}.${name}`, how }];
  });
}

/** What all who declare a counter must say alike, and how the difference is told. */
const ALIKE: readonly (readonly [key: string, without: unknown, says: (value: string) => string])[] = [
  ["window", undefined, (value) => `already counts over ${value}`],
  ["per", [], (value) => `already counts per ${value}`],
  ["on_error", "keep", (value) => `already has on_error: ${value}`],
];

function sameCounters(counters: readonly Declaration[]): Issue[] {
  const first = new Map<string, Declaration>();
  return counters.flatMap((counter): Issue[] => {
    const { at, path, how } = counter;
    const known = first.get(path);
    if (known === undefined) {
      first.set(path, counter);
      return [];
    }
    return ALIKE.flatMap(([key, without, says]): Issue[] => {
      const was = known.how[key] ?? without;
      if (JSON.stringify(was) === JSON.stringify(how[key] ?? without)) return [];
      const help = `give a counter with another ${key} another name`;
      return [{ path: [...at, key], at: "value", message: `${path} ${says(JSON.stringify(was))}`, help }];
    });
  });
}

function unknownCounters(rules: readonly Found[], known: ReadonlySet<string>): Issue[] {
  const paths = rules.flatMap(({ path, rule }) =>
    ["when", "conditions"].flatMap((key) => pathsIn(rule[key], [...path, key])),
  );
  return paths.flatMap(({ text, path }): Issue[] => {
    if (known.has(text) || !readsCounter(text)) return [];
    const meant = nearest(text, [...known]);
    const help =
      meant === null
        ? `a rule must count it: state: { counter: ${text.slice(text.lastIndexOf(".") + 1)}, window: day }`
        : `one of ${[...known].join(", ")}. Did you mean ${JSON.stringify(meant)}?`;
    return [{ path, at: "value", message: `nothing counts ${text}`, help }];
  });
}

/** Counters that tests fill and no rule has: the test would ask something else. An included file may have them. */
function unknownInTests(data: unknown, known: readonly string[]): Issue[] {
  if (list(record(data)?.include).length > 0) return [];
  return list(record(data)?.tests).flatMap((each, i) =>
    entries(record(each)?.state).flatMap(([text]): Issue[] => {
      if (known.includes(text) || !readsCounter(text)) return [];
      const meant = nearest(text, known);
      const help = meant === null ? "write state.<tool>.<counter>" : `Did you mean ${JSON.stringify(meant)}?`;
      return [{ path: ["tests", i, "state", text], at: "key", message: `nothing counts ${text}`, help }];
    }),
  );
}

/** The counters of `rate_limit`. */
function ratesOf(data: unknown): string[] {
  return ["tools", "resources", "prompts"].flatMap((section) =>
    rulesOf(data, section).flatMap(({ key, rule }) => {
      const scope = section === "tools" ? scopeOf(key) : `${section} ${key}`;
      return rule.rate_limit === undefined ? [] : [`state.${scope}.${RATE_COUNTER}`];
    }),
  );
}

/** The paths of conditions, those inside groups too. */
function pathsIn(conditions: unknown, at: DataPath): { text: string; path: DataPath }[] {
  return list(conditions).flatMap((each, i) => pathsOf(record(each), [...at, i]));
}

function pathsOf(
  condition: Record<string, unknown> | null,
  at: DataPath,
): { text: string; path: DataPath }[] {
  if (condition === null) return [];
  const { path, any, all, not } = condition;
  return [
    ...(typeof path === "string" ? [{ text: path, path: [...at, "path"] }] : []),
    ...pathsIn(any, [...at, "any"]),
    ...pathsIn(all, [...at, "all"]),
    ...pathsOf(record(not), [...at, "not"]),
  ];
}

function readsCounter(text: string): boolean {
  try {
    return parsePath(text).root === "state";
  } catch (error) {
    // The schema complains of it.
    if (error instanceof Complaint) return false;
    throw error;
  }
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const entries = (value: unknown): [string, unknown][] => Object.entries(record(value) ?? {});

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
