import type { Json } from "../wire/json.ts";
import type { Comparison, Condition, Group } from "./conditions/conditions.ts";
import { lookup, settle } from "./conditions/lookup.ts";
import { type Held, OPERATORS } from "./conditions/operators.ts";
import type { Counter } from "./counters/counters.ts";
import { formatMicros } from "./counters/decimal.ts";
import { Fault } from "./fault.ts";
import { show } from "./show.ts";
import type { Subject } from "./subject.ts";
import type { ConditionTrace } from "./types.ts";

/** What a condition saw. */
export interface Seen {
  readonly condition: Condition;
  readonly trace: ConditionTrace;
  /** Why it could not be judged, which denies; null where it could. */
  readonly fault: string | null;
  /** Of a group, in the order of its items. */
  readonly items: readonly Seen[];
}

/** Micros of each counter as a condition is to see it; undefined where nobody read it, a fault where none can be named. */
export type Standing = ReadonlyMap<Counter, bigint | Fault | undefined>;

export function see(condition: Condition, subject: Subject, standing: Standing): Seen {
  if (condition.kind !== "comparison") return seeGroup(condition, subject, standing);
  if (condition.path.root === "state") return seeCounter(condition, standing);
  if (condition.path.text === "tool.class") return seeClass(condition, subject);
  return seeValue(condition, subject);
}

/**
 * `any` holds when an item does, whatever the others say; else a fault in one of them is a fault of the group.
 * `all` and `not` hand every fault on.
 */
function seeGroup(group: Group, subject: Subject, standing: Standing): Seen {
  const items = group.items.map((each) => see(each, subject, standing));
  const held = items.filter(({ trace }) => trace.holds).length;
  const first = items.find(({ fault }) => fault !== null)?.fault ?? null;
  const fault = group.kind === "any" && held > 0 ? null : first;
  const met = group.kind === "any" ? held > 0 : group.kind === "all" ? held === items.length : held === 0;
  const trace: ConditionTrace = {
    path: group.kind,
    op: "of",
    expected: items.length,
    actual: held,
    holds: fault === null && met,
  };
  return { condition: group, trace, fault, items };
}

/** The counter as it stands, or as it would if the call were allowed. */
function seeCounter(condition: Comparison, standing: Standing): Seen {
  const micros = condition.counter === null ? undefined : standing.get(condition.counter);
  if (micros instanceof Fault) return seen(condition, undefined, micros.why);
  // Nobody read the counter: what it would say is not known, and nothing may pass on a guess.
  if (micros === undefined) return seen(condition, undefined, "its counter was not read");
  return seen(condition, formatMicros(micros), condition.counterTest(micros));
}

/** A tool that could be of several classes: where they differ in the answer, there is none. */
function seeClass(condition: Comparison, { classes }: Subject): Seen {
  const answers = new Set(classes.map((each) => condition.test(each)));
  const [answer] = answers;
  if (answers.size === 1 && answer !== undefined) {
    return seen(condition, classes.length === 1 ? classes[0] : classes.join(" or "), answer);
  }
  return seen(condition, classes.join(" or "), "the policy's classes: do not say which");
}

function seeValue(condition: Comparison, subject: Subject): Seen {
  const { path, read } = condition;
  if (path.root === "state") return seen(condition, undefined, "it is a counter");
  const root = read(subject);
  if (!path.quantified) return seeFound(condition, lookup(root, path.steps));
  const weighed = (value: Json | undefined | Fault) => {
    const one = seeFound(condition, value);
    const weight = one.fault !== null ? "errs" : one.trace.holds ? "holds" : "fails";
    return { seen: one, weight } as const;
  };
  const { seen: one, at } = settle(root, path.steps, path.root, weighed);
  if (at === path.text) return one;
  const note = one.trace.note === undefined ? `at ${at}` : `at ${at}: ${one.trace.note}`;
  return { ...one, trace: { ...one.trace, note }, fault: one.fault?.replace(path.text, at) ?? null };
}

/** On a missing value only `exists: false` holds. */
function seeFound(condition: Comparison, found: Json | undefined | Fault): Seen {
  const { op, value, path } = condition;
  if (found instanceof Fault) {
    return { ...seen(condition, undefined, found.why), fault: `${path.text}: ${found.why}` };
  }
  if (found === undefined) {
    const holds = op === "exists" && value === false;
    return untroubled(condition, undefined, holds, holds ? undefined : "missing");
  }
  if (op === "exists") return untroubled(condition, plain(found), value === true);
  return seen(condition, found, condition.test(found));
}

function seen(condition: Comparison, found: unknown, held: Held): Seen {
  const actual = plain(found);
  if (typeof held !== "string") {
    return untroubled(
      condition,
      actual,
      held,
      !held && actual === null ? "null counts as missing" : undefined,
    );
  }
  const { text } = condition.path;
  const fault = quotable(condition) ? `${text} is ${show(found)}, and ${held}` : `${text}: ${held}`;
  return { condition, trace: traced(condition, actual, false, held), fault, items: NONE };
}

/** Whether what is found may stand in what an agent is told: not of a result, which it may not be handed. */
const quotable = ({ path: { root } }: Comparison): boolean => root !== "state" && root !== "result";

const NONE: readonly Seen[] = [];

const untroubled = (condition: Comparison, actual: unknown, holds: boolean, note?: string): Seen => ({
  condition,
  trace: traced(condition, actual, holds, note),
  fault: null,
  items: NONE,
});

function traced(
  { path, op, value }: Comparison,
  actual: unknown,
  holds: boolean,
  note?: string,
): ConditionTrace {
  const trace = { path: path.text, op, expected: value, actual, holds };
  return note === undefined ? trace : { ...trace, note };
}

/** Exact numbers are shown by their digits. */
const plain = (value: unknown): unknown =>
  typeof value === "object" && value !== null && JSON.isRawJSON(value) ? value.rawJSON : value;

/**
 * The rows of a trace: a group's own, then those of its items, each with the groups it is in before its path.
 *
 * @param prefix comes before all of them
 */
export function rowsOf(all: readonly Seen[], prefix = ""): ConditionTrace[] {
  if (prefix === "" && all.every(({ items }) => items === NONE)) return all.map(({ trace }) => trace);
  const rows: ConditionTrace[] = [];
  const walk = ({ trace, items }: Seen, groups: string) => {
    rows.push(groups === "" ? trace : { ...trace, path: groups + trace.path });
    for (const item of items) walk(item, `${groups}${trace.path} › `);
  };
  for (const each of all) walk(each, prefix);
  return rows;
}

/** What a failing condition asked for: `args.amount is 60000, and must be at most 50000`. */
export function failureOf({ condition, trace, items }: Seen): string {
  switch (condition.kind) {
    case "comparison": {
      if (condition.failure !== null) return condition.failure;
      const must = OPERATORS[condition.op].must(condition.value);
      const { root, text } = condition.path;
      if (root === "state") return `${text} would be ${trace.actual}, and ${must}`;
      if (quotable(condition) || trace.actual === undefined)
        return `${text} is ${show(trace.actual)}, and ${must}`;
      return `${text} ${must}`;
    }
    case "any":
      return `none of these holds: ${items.map(failureOf).join("; ")}`;
    case "all": {
      const failed = items.find((each) => !each.trace.holds);
      return failed === undefined ? "all of it must hold" : failureOf(failed);
    }
    case "not": {
      const [item] = items;
      return item === undefined ? "it must not hold" : `it must not be that ${held(item)}`;
    }
  }
}

/** What holds, in words. */
function held({ condition, trace, items }: Seen): string {
  if (condition.kind !== "comparison") {
    const word = condition.kind === "not" ? "not " : "";
    return items
      .filter((each) => each.trace.holds !== (condition.kind === "not"))
      .map((each) => word + held(each))
      .join(" and ");
  }
  return `${trace.path} ${condition.op} ${show(condition.value)}`;
}
