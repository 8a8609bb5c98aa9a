/** Conditions that can never hold together. */

import type { Json } from "../../wire/json.ts";
import type { ComparisonText, ConditionText } from "../conditions/condition-text.ts";
import { OPERATORS } from "../conditions/operators.ts";
import { typeOf } from "../show.ts";
import type { DataPath } from "../source/locate.ts";
import { WEEKDAYS } from "../time/local-time.ts";
import { CLASSES } from "../tools/classes.ts";

/** A condition that must hold, and where it stands. */
export interface Claim {
  readonly condition: ConditionText;
  readonly path: DataPath;
}

export interface Conflict {
  /** Where the condition is that the others leave no room for. */
  readonly path: DataPath;
  /** `args.amount cannot be at most 5 and be more than 10`. */
  readonly why: string;
}

/** Why conditions can never all hold; null where they may. What it does not understand may hold. */
export function conflictIn(claims: readonly Claim[]): Conflict | null {
  const all = claims.flatMap(apart);
  const comparisons = all.flatMap(({ condition, path }) =>
    "path" in condition && !condition.path.includes("[any]") ? [{ comparison: condition, path }] : [],
  );
  for (const same of Map.groupBy(comparisons, ({ comparison }) => comparison.path).values()) {
    const told = same.map(({ comparison }) => comparison);
    const last = same.at(-1);
    if (last !== undefined && !possible(told)) return { path: [...last.path, "path"], why: words(told) };
  }
  const facts = all.filter(({ condition }) => "path" in condition);
  for (const { condition, path } of all) {
    if (!("any" in condition)) continue;
    const each = condition.any.map((item, i) =>
      conflictIn([...facts, { condition: item, path: [...path, "any", i] }]),
    );
    const [first] = each;
    if (first !== undefined && first !== null && each.every((conflict) => conflict !== null)) return first;
  }
  return null;
}

/** What must hold where a claim does: the items of `all`, and what `not` says of being there. */
function apart({ condition, path }: Claim): Claim[] {
  if ("all" in condition) {
    return condition.all.flatMap((item, i) => apart({ condition: item, path: [...path, "all", i] }));
  }
  if ("not" in condition && "path" in condition.not && condition.not.op === "exists") {
    const { value } = condition.not;
    return [{ condition: { ...condition.not, value: value !== true }, path: [...path, "not"] }];
  }
  return [{ condition, path }];
}

/** Whether some value at one path can meet all of these. */
function possible(all: readonly ComparisonText[]): boolean {
  const absent = all.some(({ op, value }) => op === "exists" && value === false);
  if (absent) return all.every(({ op, value }) => op === "exists" && value === false);
  const few = candidates(all);
  if (few !== null) return few.some((candidate) => all.every((each) => meets(each, candidate)));
  return (
    common(all.flatMap((each) => typesFor(each) ?? [])) &&
    room(all.flatMap(numbers)) &&
    room(all.flatMap(lengths)) &&
    prefixes(all)
  );
}

/** The values that there are to choose from, where they are few. */
function candidates(all: readonly ComparisonText[]): readonly Json[] | null {
  for (const { op, value } of all) {
    if (op === "eq") return [value as Json];
    if (op === "in" && Array.isArray(value)) return value;
  }
  return DOMAINS[all[0]?.path ?? ""] ?? null;
}

const DOMAINS: Readonly<Record<string, readonly Json[]>> = {
  "now.weekday": WEEKDAYS,
  "now.hour": Array.from({ length: 24 }, (_, hour) => hour),
  "tool.class": CLASSES,
};

const meets = ({ op, value }: ComparisonText, candidate: Json): boolean =>
  OPERATORS[op].compile(value)(candidate) === true;

type Types = readonly string[];

/** JSON types of values that an operator can hold for; null for any. */
function typesFor({ op, value }: ComparisonText): [Types] | null {
  switch (op) {
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return [["number"]];
    case "between":
      return [[typeOf(Array.isArray(value) ? value[0] : value)]];
    case "regex":
    case "starts_with":
    case "ends_with":
    case "glob":
    case "within":
    case "host_in":
      return [["string"]];
    case "contains":
      return [typeof value === "string" ? ["string", "list"] : ["list"]];
    case "length_lte":
    case "length_gte":
      return [["string", "list"]];
    case "type":
      return [(Array.isArray(value) ? value : [value]).map(named)];
    default:
      return null;
  }
}

/** A type as `type` names it, by the name that `typeOf` has for it. */
function named(type: unknown): string {
  if (type === "integer") return "number";
  return type === "array" ? "list" : String(type);
}

function common(all: readonly Types[]): boolean {
  const [first = [], ...rest] = all;
  return all.length === 0 || first.some((type) => rest.every((types) => types.includes(type)));
}

/** A bound of numbers, with the number itself or without. */
interface Bound {
  readonly side: "above" | "below";
  readonly at: number;
  readonly open: boolean;
}

function numbers({ op, value }: ComparisonText): Bound[] {
  if (op === "between" && Array.isArray(value)) {
    const [from, to]: unknown[] = value;
    if (typeof from !== "number" || typeof to !== "number") return [];
    return [
      { side: "above", at: from, open: false },
      { side: "below", at: to, open: false },
    ];
  }
  if (typeof value !== "number") return [];
  if (op === "lt" || op === "lte") return [{ side: "below", at: value, open: op === "lt" }];
  return op === "gt" || op === "gte" ? [{ side: "above", at: value, open: op === "gt" }] : [];
}

function lengths({ op, value }: ComparisonText): Bound[] {
  if (typeof value !== "number" || !op.startsWith("length_")) return [];
  return [{ side: op === "length_lte" ? "below" : "above", at: value, open: false }];
}

function room(bounds: readonly Bound[]): boolean {
  const above = bounds.filter(({ side }) => side === "above");
  const below = bounds.filter(({ side }) => side === "below");
  return above.every((from) =>
    below.every((to) => from.at < to.at || (from.at === to.at && !from.open && !to.open)),
  );
}

function prefixes(all: readonly ComparisonText[]): boolean {
  const texts = all.flatMap(({ op, value }) => (op === "starts_with" ? [String(value)] : []));
  const longest = texts.reduce((a, b) => (b.length > a.length ? b : a), "");
  return texts.every((text) => longest.startsWith(text));
}

function words(all: readonly ComparisonText[]): string {
  const [first] = all;
  const each = all.map(({ op, value }) =>
    Array.isArray(value) && value.length === 0
      ? "be one of none"
      : OPERATORS[op].must(value).replace(/^must /, ""),
  );
  return `${first?.path} cannot ${each.join(" and ")}`;
}
