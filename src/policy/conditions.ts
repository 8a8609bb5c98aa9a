import type { JsonObject } from "../wire/json.ts";
import { Complaint } from "./complaint.ts";
import { DECIMAL_RULES, decimal, formatMicros } from "./decimal.ts";
import { type Held, OPERATORS, type OperatorName, type Test } from "./operators.ts";
import { lookup, type Path, parsePath } from "./paths.ts";
import { show } from "./show.ts";
import type { ConditionTrace } from "./types.ts";

/** A condition as the policy file has it. */
export interface ConditionText {
  readonly path: string;
  readonly op: OperatorName;
  readonly value?: unknown;
}

/** A condition ready to judge calls. */
export interface Condition {
  readonly path: Path;
  readonly op: OperatorName;
  readonly value: unknown;
  /** For `args.*`. */
  readonly test: Test;
  /** For `state.*`, on micros. */
  readonly counterTest: (micros: bigint) => Held;
}

/** Reads a condition once, so that calls do not. @throws {Complaint} */
export function compileCondition({ path: text, op, value }: ConditionText): Condition {
  const path = parsePath(text);
  return { path, op, value, ...compileTests(path.root, op, value) };
}

/** @throws {Complaint} where the value does not suit the operator, or the operator the path's root */
export function compileTests(root: Path["root"], op: OperatorName, value: unknown) {
  const test = OPERATORS[op].compile(value);
  const counterTest = root === "state" ? compileCounterTest(op, value) : () => "it is not a counter";
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
    case "regex":
    case "contains":
    case "exists":
      throw new Complaint(
        `${op} does not apply to a counter`,
        "use lt, lte, gt, gte, eq, neq, in or not_in",
        "op",
      );
  }
  const wanted = amount(value);
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

/** What a condition saw. `fault` says why it could not be judged, which denies. */
export interface Seen {
  readonly trace: ConditionTrace;
  readonly fault: string | null;
}

/** Judges an `args.*` condition. On a missing path only `exists: false` holds. */
export function seeArgs(condition: Condition, args: JsonObject): Seen {
  const { path, op } = condition;
  const actual = path.root === "args" ? lookup(args, path.steps) : undefined;
  if (actual === undefined) {
    const holds = op === "exists" && condition.value === false;
    return { trace: traced(condition, undefined, holds, holds ? undefined : "missing"), fault: null };
  }
  if (op === "exists")
    return { trace: traced(condition, plain(actual), condition.value === true), fault: null };
  return seen(condition, actual, condition.test(actual));
}

/** Judges a `state.*` condition on the counter as it would stand if the call were allowed. */
export function seeCounter(condition: Condition, micros: bigint | undefined): Seen {
  // Nobody read the counter: what it would say is not known, and nothing may pass on a guess.
  if (micros === undefined) return seen(condition, undefined, "its counter was not read");
  return seen(condition, formatMicros(micros), condition.counterTest(micros));
}

function seen(condition: Condition, found: unknown, held: Held): Seen {
  const actual = plain(found);
  if (typeof held !== "string") {
    const nothing = !held && actual === null ? "null counts as missing" : undefined;
    return { trace: traced(condition, actual, held, nothing), fault: null };
  }
  const { root, text } = condition.path;
  const fault = root === "state" ? `${text}: ${held}` : `${text} is ${show(found)}, and ${held}`;
  return { trace: traced(condition, actual, false, held), fault };
}

function traced(condition: Condition, actual: unknown, holds: boolean, note?: string): ConditionTrace {
  const { path, op, value } = condition;
  const trace = { path: path.text, op, expected: value, actual, holds };
  return note === undefined ? trace : { ...trace, note };
}

/** Exact numbers are shown by their digits. */
const plain = (value: unknown): unknown =>
  typeof value === "object" && value !== null && JSON.isRawJSON(value) ? value.rawJSON : value;

/** What a failing condition asked for: `args.amount is 60000, and must be at most 50000`. */
export function failure({ actual }: ConditionTrace, { path, op, value }: Condition): string {
  const must = OPERATORS[op].must(value);
  return path.root === "state"
    ? `${path.text} would be ${actual}, and ${must}`
    : `${path.text} is ${show(actual)}, and ${must}`;
}
