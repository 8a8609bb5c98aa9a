/**
 * What the schema cannot see: names that must differ, and conditions on counters that rules must declare. Reads
 * the file's data as it is, so that one wrong key does not hide the problems elsewhere.
 */
import { Complaint } from "./complaint.ts";
import { GLOBAL_SCOPE, scopeOf } from "./counters.ts";
import type { Issue } from "./issues.ts";
import type { DataPath } from "./locate.ts";
import { parsePath } from "./paths.ts";
import { nearest } from "./suggest.ts";

interface Found {
  readonly path: DataPath;
  readonly key: string;
  readonly rule: Record<string, unknown>;
}

export function referenceIssues(data: unknown): Issue[] {
  const rules = rulesOf(data);
  return [...reservedKeys(data), ...sameNames(rules), ...sameCounters(rules), ...unknownCounters(rules)];
}

function rulesOf(data: unknown): Found[] {
  const found: Found[] = [];
  for (const [key, tool] of Object.entries(record(record(data)?.tools) ?? {})) {
    for (const [i, each] of list(record(tool)?.rules).entries()) {
      const rule = record(each);
      if (rule !== null) found.push({ path: ["tools", key, "rules", i], key, rule });
    }
  }
  return found;
}

function reservedKeys(data: unknown): Issue[] {
  if (record(record(data)?.tools)?.[GLOBAL_SCOPE] === undefined) return [];
  const message = `"${GLOBAL_SCOPE}" is not a tool: it is where counters of "*" are kept`;
  return [{ path: ["tools", GLOBAL_SCOPE], at: "key", message, help: 'write "*" for rules on all tools' }];
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

/** The counter that a rule declares: the path that reads it, and its window. */
function declared({ key, rule }: Found): { path: string; window: unknown } | null {
  const state = record(rule.state);
  if (typeof state?.counter !== "string") return null;
  return { path: `state.${scopeOf(key)}.${state.counter}`, window: state.window };
}

function sameCounters(rules: readonly Found[]): Issue[] {
  const windows = new Map<string, unknown>();
  return rules.flatMap((found): Issue[] => {
    const counter = declared(found);
    if (counter === null) return [];
    const { path, window } = counter;
    const first = windows.get(path);
    if (first === undefined) windows.set(path, window);
    if (first === undefined || first === window) return [];
    const message = `${path} already counts over ${JSON.stringify(first)}`;
    const help = "give a counter over another window another name";
    return [{ path: [...found.path, "state", "window"], at: "value", message, help }];
  });
}

function unknownCounters(rules: readonly Found[]): Issue[] {
  const known = new Set(rules.flatMap((found) => declared(found)?.path ?? []));
  return rules.flatMap(({ path: at, rule }) =>
    list(rule.conditions).flatMap((each, i): Issue[] => {
      const text = record(each)?.path;
      if (typeof text !== "string" || known.has(text) || !readsCounter(text)) return [];
      const meant = nearest(text, [...known]);
      const help =
        meant === null
          ? `a rule must count it: state: { counter: ${text.slice(text.lastIndexOf(".") + 1)}, window: day }`
          : `one of ${[...known].join(", ")}. Did you mean ${JSON.stringify(meant)}?`;
      return [
        { path: [...at, "conditions", i, "path"], at: "value", message: `nothing counts ${text}`, help },
      ];
    }),
  );
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

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
