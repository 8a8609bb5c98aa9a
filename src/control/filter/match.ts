/** Whether a call is one of those a filter names. */

import { durationMs } from "../../policy/time/duration.ts";
import type { CallView } from "../protocol.ts";
import { valueAt } from "./arguments.ts";
import { isNumber, type Operator } from "./fields.ts";
import type { Filter } from "./parse.ts";

export type Matcher = (call: CallView, now: number) => boolean;

export function matcher(filter: Filter): Matcher {
  switch (filter.kind) {
    case "and": {
      const [left, right] = [matcher(filter.left), matcher(filter.right)];
      return (call, now) => left(call, now) && right(call, now);
    }
    case "or": {
      const [left, right] = [matcher(filter.left), matcher(filter.right)];
      return (call, now) => left(call, now) || right(call, now);
    }
    case "not": {
      const of = matcher(filter.of);
      return (call, now) => !of(call, now);
    }
    case "text": {
      const text = filter.text.toLowerCase();
      return (call) => texts(call).some((each) => each.toLowerCase().includes(text));
    }
    case "field":
      return fieldMatcher(filter);
  }
}

/** Whether what it says changes as time goes by. */
export function moves(filter: Filter): boolean {
  if (filter.kind === "and" || filter.kind === "or") return moves(filter.left) || moves(filter.right);
  if (filter.kind === "not") return moves(filter.of);
  return filter.kind === "field" && filter.field === "since";
}

function texts(call: CallView): string[] {
  const { tool, agent, upstream, message, rule, would } = call;
  return [tool, agent, upstream, message, call.arguments, rule?.name ?? "", would?.rule.name ?? ""];
}

function fieldMatcher({ field, path, operator, value }: Extract<Filter, { kind: "field" }>): Matcher {
  if (field === "since") {
    const ms = durationMs(value) ?? 0;
    return (call, now) => now - call.time <= ms;
  }
  const holds = comparison(operator, value);
  if (field === "arg") return (call) => valueAt(call.arguments, path).some(holds);
  if (field === "ms") return (call) => call.ms !== null && holds(String(call.ms));
  const negated = operator === "!=";
  // Of the two rules a call may have, one that is not it is no reason.
  return (call) => (negated ? valuesOf(call, field).every(holds) : valuesOf(call, field).some(holds));
}

function valuesOf(call: CallView, field: string): string[] {
  switch (field) {
    case "tool":
      return [call.tool];
    case "agent":
      return [call.agent];
    case "server":
      return [call.upstream];
    case "session":
      return [call.session];
    case "class":
      return call.classes;
    case "rule":
      return [call.rule, call.would?.rule].flatMap((rule) => (rule ? [rule.name] : []));
    case "verdict":
      return [call.verdict, ...(call.would ? ["would"] : [])];
    case "outcome":
      return call.outcome ? [call.outcome] : [];
    default:
      return [];
  }
}

function comparison(operator: Operator, wanted: string): (value: string) => boolean {
  const number = isNumber(wanted) ? Number(wanted) : null;
  const same = (value: string) =>
    value === wanted || (number !== null && isNumber(value) && Number(value) === number);
  const ordered = (test: (value: number) => boolean) => (value: string) =>
    isNumber(value) && test(Number(value));
  switch (operator) {
    case "=":
      return same;
    case "!=":
      return (value) => !same(value);
    case ">":
      return ordered((value) => value > Number(wanted));
    case ">=":
      return ordered((value) => value >= Number(wanted));
    case "<":
      return ordered((value) => value < Number(wanted));
    case "<=":
      return ordered((value) => value <= Number(wanted));
    case ":":
      return contains(wanted);
  }
}

/** A part of it, whatever its case; with a `*`, all of it. */
function contains(wanted: string): (value: string) => boolean {
  const lower = wanted.toLowerCase();
  if (!lower.includes("*")) return (value) => value.toLowerCase().includes(lower);
  const parts = lower.split("*");
  return (value) => fits(value.toLowerCase(), parts);
}

/** In one pass, taking each part where it first comes: a glob never backtracks. */
function fits(value: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (!value.startsWith(first) || value.length < first.length + last.length || !value.endsWith(last))
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= value.length - last.length;
}
