import { RE2JS } from "re2js";
import type { Json } from "../../wire/json.ts";
import { Complaint } from "../complaint.ts";
import { show, showList } from "../show.ts";
import { between } from "./between.ts";
import { compareTypes, equal, INEXACT } from "./equality.ts";
import { hostIn } from "./host-in.ts";
import { eitherWay } from "./list-in-text.ts";
import { endsWith, glob, lengthGte, lengthLte, startsWith } from "./text-operators.ts";
import { type } from "./type-operator.ts";
import { within } from "./within.ts";

/** Whether a condition holds; a text says why it cannot be judged, which denies. */
export type Held = boolean | string;

/** Judges the value found at a path. */
export type Test = (actual: Json) => Held;

/**
 * One operator of the language. `compile` reads the policy's `value` once and throws `Complaint` where it does
 * not suit; `must` is what a failing value had to be, as the end of a sentence.
 */
export interface Operator {
  readonly compile: (value: unknown) => Test;
  readonly must: (value: unknown) => string;
}

type Order = (a: number, b: number) => boolean;

function ordering(name: string, words: string, holds: Order): Operator {
  return {
    compile(value) {
      if (typeof value !== "number")
        throw new Complaint(`${name} takes a number, not ${show(value)}`, numberHelp(value));
      return (actual) => {
        if (typeof actual === "number") return holds(actual, value);
        if (JSON.isRawJSON(actual)) return INEXACT;
        return `${name} compares numbers`;
      };
    },
    must: (value) => `must be ${words} ${show(value)}`,
  };
}

function numberHelp(value: unknown): string {
  const meant = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  return meant ? `write it without quotes: value: ${value}` : "write a number, such as value: 50000";
}

function equality(expected: unknown, negated: boolean): Test {
  const wanted = literal(expected);
  return (actual) => {
    if (negated && actual === null && wanted !== null) return false;
    const fault = compareTypes(actual, [wanted]);
    return fault ?? equal(actual, wanted) !== negated;
  };
}

function membership(name: string, value: unknown, negated: boolean): Test {
  if (!Array.isArray(value)) {
    throw new Complaint(
      `${name} takes a list, not ${show(value)}`,
      "write a list, such as value: [usd, eur]",
    );
  }
  const wanted = value.map(literal);
  return (actual) => {
    if (negated && actual === null && !wanted.includes(null)) return false;
    const fault = compareTypes(actual, wanted);
    return fault ?? wanted.some((each) => equal(actual, each)) !== negated;
  };
}

function literal(value: unknown): Json {
  if (value === undefined) throw new Complaint("value is missing", "write what to compare with: value: usd");
  // YAML gives null, booleans, numbers, strings, lists and mappings of those: what JSON has.
  return value as Json;
}

function contains(value: unknown): Test {
  const wanted = literal(value);
  const among = (list: readonly Json[]) => list.some((each) => equal(each, wanted));
  return (actual) => {
    if (typeof actual === "string") {
      if (typeof wanted !== "string") return "only text is contained in text";
      return eitherWay(actual, actual.includes(wanted), among);
    }
    if (!Array.isArray(actual)) return "contains looks into text and lists";
    if (among(actual)) return true;
    for (const each of actual) {
      const fault = compareTypes(each, [wanted]);
      if (fault !== null) return fault;
    }
    return false;
  };
}

function regex(value: unknown): Test {
  if (typeof value !== "string") {
    throw new Complaint(`regex takes text, not ${show(value)}`, 'write a pattern in quotes: value: "^acct_"');
  }
  try {
    // RE2: linear time whatever the pattern and the argument.
    const pattern = RE2JS.compile(value);
    return (actual) => (typeof actual === "string" ? pattern.test(actual) : "regex reads text");
  } catch (error) {
    throw new Complaint(
      `regex does not compile: ${error instanceof Error ? error.message : String(error)}`,
      "RE2 syntax: no lookaround, no back-references",
    );
  }
}

function exists(value: unknown): Test {
  if (typeof value !== "boolean") {
    throw new Complaint(
      `exists takes true or false, not ${show(value)}`,
      "write value: true, or value: false",
    );
  }
  return () => value;
}

export const OPERATORS = {
  eq: { compile: (value) => equality(value, false), must: (value) => `must be ${show(value)}` },
  neq: { compile: (value) => equality(value, true), must: (value) => `must not be ${show(value)}` },
  in: { compile: (value) => membership("in", value, false), must: (value) => `must be ${anyOf(value)}` },
  not_in: {
    compile: (value) => membership("not_in", value, true),
    must: (value) => `must not be ${anyOf(value)}`,
  },
  lt: ordering("lt", "less than", (a, b) => a < b),
  lte: ordering("lte", "at most", (a, b) => a <= b),
  gt: ordering("gt", "more than", (a, b) => a > b),
  gte: ordering("gte", "at least", (a, b) => a >= b),
  regex: { compile: regex, must: (value) => `must match ${show(value)}` },
  contains: { compile: contains, must: (value) => `must contain ${show(value)}` },
  exists: { compile: exists, must: (value) => (value === true ? "must be given" : "must not be given") },
  starts_with: startsWith,
  ends_with: endsWith,
  glob,
  length_lte: lengthLte,
  length_gte: lengthGte,
  type,
  within,
  host_in: hostIn,
  between,
} as const satisfies Record<string, Operator>;

export type OperatorName = keyof typeof OPERATORS;

const anyOf = (value: unknown) => `one of ${showList(Array.isArray(value) ? value : [value])}`;
