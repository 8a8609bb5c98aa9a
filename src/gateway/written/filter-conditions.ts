import { isNumber } from "../../control/filter/fields.ts";
import type { Filter } from "../../control/filter/parse.ts";
import type { Plain } from "./flow-text.ts";

/** Paths of the policy language, by the filter's fields. */
const PATHS: Readonly<Record<string, string>> = {
  tool: "tool.name",
  class: "tool.class",
  agent: "agent.name",
  server: "server",
  session: "session.id",
};

/**
 * A filter as conditions of the policy language, all of which must hold.
 *
 * @throws Error where no condition says the same
 */
export function conditionsOf(filter: Filter): Plain[] {
  if (filter.kind === "and") return [...conditionsOf(filter.left), ...conditionsOf(filter.right)];
  return [condition(filter)];
}

function condition(filter: Filter): Plain {
  switch (filter.kind) {
    case "and":
      return { all: conditionsOf(filter) };
    case "or":
      return { any: [condition(filter.left), condition(filter.right)] };
    case "not":
      return { not: condition(filter.of) };
    case "text":
      throw new Error(`rules do not search for text (${JSON.stringify(filter.text)}): name a field`);
    case "field":
      return comparison(filter);
  }
}

const ORDER = { ">": "gt", ">=": "gte", "<": "lt", "<=": "lte" } as const;

function comparison({ field, path: of, operator, value }: Extract<Filter, { kind: "field" }>): Plain {
  const path = field === "arg" ? `args${of}` : PATHS[field];
  if (path === undefined) throw new Error(`rules know no ${field} of a call`);
  switch (operator) {
    case "=":
      return same(path, value);
    case "!=": {
      const other = { not: same(path, value) };
      // Only an argument may be missing; and one that is missing is no other.
      return field === "arg" ? { all: [{ path, op: "exists", value: true }, other] } : other;
    }
    case ":":
      if (field === "class") return same(path, value);
      return { path, op: "regex", value: patternOf(value) };
    default:
      return { path, op: ORDER[operator], value: Number(value) };
  }
}

/** A filter takes 500 and "500" for the same. */
function same(path: string, value: string): Plain {
  const others: Plain[] = isNumber(value)
    ? [Number(value)]
    : value === "true" || value === "false"
      ? [value === "true"]
      : [];
  if (others.length === 0 || !path.startsWith("args")) return { path, op: "eq", value };
  return { path, op: "in", value: [...others, value] };
}

/** What `:` finds: a part of it whatever its case; with a `*`, all of it. */
function patternOf(value: string): string {
  const parts = value.split("*").map((part) => part.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&"));
  return parts.length === 1 ? `(?i)${parts[0]}` : `(?is)^${parts.join(".*")}$`;
}
