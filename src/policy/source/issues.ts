import type { z } from "zod";
import { OPERATOR_ALIASES } from "../conditions/operator-aliases.ts";
import { branchFor, keysAt, schemaAt } from "../schema/schema-at.ts";
import { show } from "../show.ts";
import { oneOf } from "../suggest.ts";
import type { DataPath } from "./locate.ts";

/** Something wrong with a policy's data, at a path in it. */
export interface Issue {
  readonly path: DataPath;
  /** Whether to point at the member's key or at its value. */
  readonly at: "key" | "value";
  readonly message: string;
  readonly help: string;
}

const NOUNS: Readonly<Record<string, string>> = { op: "operator" };

/** What people write for a key. */
const KEY_ALIASES: Readonly<Record<string, string>> = {
  operator: "op",
  field: "path",
  arg: "path",
  message: "on_deny",
  deny_message: "on_deny",
  reason: "on_deny",
  condition: "conditions",
  rate: "rate_limit",
  ratelimit: "rate_limit",
  limit: "rate_limit",
  hidden: "hide",
  tz: "timezone",
  tool: "tools",
  period: "window",
  amount: "increment_from",
  or: "any",
  any_of: "any",
  and: "all",
  all_of: "all",
  none: "not",
  none_of: "not",
  if: "when",
  unless: "when",
  only_if: "when",
  partition: "per",
  partition_by: "per",
  by: "per",
  includes: "include",
  import: "include",
  server: "servers",
  upstreams: "servers",
  dry_run: "mode",
  budget: "budgets",
  class: "classes",
};

/** What is wrong with a file's data by the schema, in words. */
export function schemaIssues(error: z.ZodError, data: unknown): Issue[] {
  return error.issues.flatMap((issue) => explain(issue, plainPath(issue.path), data));
}

const plainPath = (path: readonly PropertyKey[]) =>
  path.map((step) => (typeof step === "symbol" ? String(step) : step));

function explain(issue: z.core.$ZodIssue, path: DataPath, data: unknown): Issue[] {
  const last = path.at(-1);
  const key = typeof last === "number" ? `item ${last + 1} of ${String(path.at(-2))}` : (last ?? "the file");
  const help = schemaAt(path, data)?.description ?? "see docs/policies.md";

  if (issue.code === "invalid_union") {
    // Only what is wrong with the form that was probably meant.
    const meant = issue.errors[branchFor(path, data)] ?? [];
    return meant.flatMap((each) => explain(each, [...path, ...plainPath(each.path)], data));
  }
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(path, data);
    return issue.keys.map((wrong) => ({
      path: [...path, wrong],
      at: "key",
      message: `unknown key ${JSON.stringify(wrong)}`,
      help: oneOf(wrong, known, KEY_ALIASES),
    }));
  }
  if (issue.code === "custom") {
    const given: unknown = issue.params?.help;
    return [{ path, at: "value", message: issue.message, help: typeof given === "string" ? given : help }];
  }
  const { present, value } = valueAt(data, path);
  if (!present) return [{ path, at: "value", message: `${key} is missing`, help }];
  if (value === null) return [{ path, at: "value", message: `${key} is empty`, help }];
  if (issue.code === "invalid_value" && typeof value === "string") {
    const values = issue.values.map(String);
    const noun = NOUNS[key] ?? key;
    const choices = values.length > 1 ? oneOf(value, values, key === "op" ? OPERATOR_ALIASES : {}) : help;
    return [{ path, at: "value", message: `unknown ${noun} ${show(value)}`, help: choices }];
  }
  if (issue.code === "invalid_type" || issue.code === "invalid_value") {
    const expected = issue.code === "invalid_type" ? (TYPES[issue.expected] ?? issue.expected) : "text";
    return [{ path, at: "value", message: `${key} must be ${expected}, not ${named(value)}`, help }];
  }
  return [{ path, at: "value", message: `${key}: ${issue.message}`, help }];
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  number: "a number",
  boolean: "true or false",
};

function named(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "number" ? `the number ${value}` : show(value);
}

function valueAt(data: unknown, path: DataPath): { present: boolean; value: unknown } {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) {
      return { present: false, value: undefined };
    }
    value = Reflect.get(value, step);
  }
  return { present: true, value };
}
