import { Complaint } from "../complaint.ts";
import type { Counter } from "../counters/counters.ts";
import { DECIMAL_RULES, decimal } from "../counters/decimal.ts";
import { show } from "../show.ts";
import { type Reader, readerOf } from "../subject.ts";
import type { ComparisonText, ConditionText } from "./condition-text.ts";
import { checkDomain } from "./domains.ts";
import { type Held, OPERATORS, type OperatorName, type Test } from "./operators.ts";
import { type Path, parsePath } from "./paths.ts";

/** A comparison ready to judge calls. */
export interface Comparison {
  readonly kind: "comparison";
  readonly path: Path;
  readonly op: OperatorName;
  readonly value: unknown;
  /** For all but `state.*`. */
  readonly read: Reader;
  readonly test: Test;
  /** For `state.*`, on micros. */
  readonly counterTest: (micros: bigint) => Held;
  /** What a `state.*` path reads; null for the others. */
  readonly counter: Counter | null;
  /** What a failure means in words; null where the comparison's own text says it. */
  readonly failure: string | null;
}

export interface Group {
  readonly kind: "any" | "all" | "not";
  readonly items: readonly Condition[];
}

/** A condition ready to judge calls. */
export type Condition = Comparison | Group;

/** What conditions mean beyond their own text. */
export interface Meaning {
  /** Of `now.*`. */
  readonly timezone: string;
  readonly counter: (scope: string, name: string) => Counter | null;
}

/** Reads a condition once, so that calls do not. @throws {Complaint} */
export function compileCondition(text: ConditionText, meaning: Meaning): Condition {
  if ("any" in text) return { kind: "any", items: text.any.map((each) => compileCondition(each, meaning)) };
  if ("all" in text) return { kind: "all", items: text.all.map((each) => compileCondition(each, meaning)) };
  if ("not" in text) return { kind: "not", items: [compileCondition(text.not, meaning)] };
  return compileComparison(text, meaning);
}

function compileComparison(
  { path: text, op, value }: ComparisonText,
  { timezone, counter }: Meaning,
): Comparison {
  const path = parsePath(text);
  const tests = compileTests(path, op, value);
  const read = path.root === "state" ? () => undefined : readerOf(path.root, text, timezone);
  const found = path.root === "state" ? counter(path.scope, path.counter) : null;
  return { kind: "comparison", path, op, value, read, ...tests, counter: found, failure: null };
}

/** A limit on a counter that the file does not write as a condition. */
export function counterLimit(counter: Counter, text: string, limit: number, failure: string): Comparison {
  const meaning: Meaning = { timezone: "UTC", counter: () => counter };
  return { ...compileComparison({ path: text, op: "lte", value: limit }, meaning), failure };
}

/** @throws {Complaint} where the value does not suit the operator, or the operator the path */
export function compileTests(path: Path, op: OperatorName, value: unknown) {
  const test = OPERATORS[op].compile(value);
  checkDomain(path, op, value);
  const counterTest = path.root === "state" ? compileCounterTest(op, value) : () => "it is not a counter";
  return { test, counterTest };
}

/** Counters compare as exact decimals, never as doubles. */
function compileCounterTest(op: OperatorName, value: unknown): (micros: bigint) => Held {
  switch (op) {
    case "in":
    case "not_in": {
      const wanted = (Array.isArray(value) ? value : [value]).map(amount);
      return (micros) => wanted.includes(micros) === (op === "in");
    }
    case "between": {
      const [from = 0n, to = 0n] = (Array.isArray(value) ? value : [value]).map(amount);
      return (micros) => micros >= from && micros <= to;
    }
    case "eq":
    case "neq":
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return counterOrder(op, amount(value));
    default:
      throw new Complaint(
        `${op} does not apply to a counter`,
        "use lt, lte, gt, gte, eq, neq, between, in or not_in",
        "op",
      );
  }
}

function counterOrder(
  op: "eq" | "neq" | "lt" | "lte" | "gt" | "gte",
  wanted: bigint,
): (micros: bigint) => Held {
  switch (op) {
    case "eq":
      return (micros) => micros === wanted;
    case "neq":
      return (micros) => micros !== wanted;
    case "lt":
      return (micros) => micros < wanted;
    case "lte":
      return (micros) => micros <= wanted;
    case "gt":
      return (micros) => micros > wanted;
    case "gte":
      return (micros) => micros >= wanted;
  }
}

function amount(value: unknown): bigint {
  const micros = decimal(value);
  if (typeof micros === "bigint") return micros;
  throw new Complaint(
    `a counter cannot be compared with ${show(value)}: ${DECIMAL_RULES[micros]}`,
    "write a number, such as value: 1000000",
  );
}
