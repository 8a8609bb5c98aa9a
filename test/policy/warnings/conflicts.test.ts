import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConditionText } from "../../../src/policy/conditions/condition-text.ts";
import { compileCondition } from "../../../src/policy/conditions/conditions.ts";
import type { OperatorName } from "../../../src/policy/conditions/operators.ts";
import { see } from "../../../src/policy/see.ts";
import { conflictIn } from "../../../src/policy/warnings/conflicts.ts";
import type { Json } from "../../../src/wire/json.ts";
import { call } from "../helpers.ts";

const of = (op: OperatorName, value: unknown, path = "args.x"): ConditionText => ({ path, op, value });
const conflict = (...conditions: ConditionText[]) =>
  conflictIn(conditions.map((condition, i) => ({ condition, path: [i] })));

describe("cannot hold together", () => {
  test.each<[string, ConditionText[]]>([
    ["a ceiling below the floor", [of("lte", 5), of("gt", 10)]],
    ["a ceiling at the floor, one of them open", [of("lt", 5), of("gte", 5)]],
    ["between and a bound", [of("between", [1, 5]), of("gt", 5)]],
    ["two values", [of("eq", "a"), of("eq", "b")]],
    ["a value and a list without it", [of("eq", "a"), of("in", ["b", "c"])]],
    ["a value and what excludes it", [of("in", ["a", "b"]), of("not_in", ["a", "b", "c"])]],
    ["a value and its opposite", [of("eq", 5), of("neq", 5)]],
    ["a value out of bounds", [of("in", [1, 2]), of("gte", 3)]],
    ["a value that does not match", [of("eq", "USD"), of("regex", "^[a-z]+$")]],
    ["an empty list", [of("in", [])]],
    ["absent and present", [of("exists", false), of("gt", 3)]],
    ["absent and present, said twice over", [{ not: of("exists", true) }, of("exists", true)]],
    ["text and number", [of("regex", "a"), of("lt", 3)]],
    ["another type than the operator's", [of("type", "string"), of("lt", 3)]],
    ["two types", [of("type", ["string", "null"]), of("type", ["array", "integer"])]],
    ["a list and a path", [of("type", "array"), of("within", "/srv")]],
    ["lengths", [of("length_lte", 3), of("length_gte", 4)]],
    ["beginnings", [of("starts_with", "ab"), of("starts_with", "ac")]],
    ["an hour there is not", [of("gt", 23, "now.hour")]],
    ["no weekday left", [of("not_in", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "now.weekday")]],
    ["inside of all", [of("lte", 5), { all: [of("gte", 1), { all: [of("gt", 9)] }] }]],
    ["every branch of any", [of("eq", "a"), { any: [of("eq", "b"), { all: [of("eq", "c")] }] }]],
    ["counters", [of("lte", 5, "state.t.c"), of("gt", 7, "state.t.c")]],
    ["every element", [of("lte", 5, "args.x[*]"), of("gt", 7, "args.x[*]")]],
  ])("%s", (_, conditions) => {
    expect(conflict(...conditions)).not.toBeNull();
    expect(conflict(...conditions.toReversed())).not.toBeNull();
  });
});

describe("may hold together", () => {
  test.each<[string, ConditionText[]]>([
    ["touching bounds", [of("lte", 5), of("gte", 5)]],
    ["other paths", [of("lte", 5), of("gt", 10, "args.y")]],
    ["some elements", [of("lte", 5, "args.x[any]"), of("gt", 7, "args.x[any]")]],
    ["one branch of any", [of("eq", "a"), { any: [of("eq", "b"), of("eq", "a")] }]],
    ["not", [of("lte", 5), { not: of("lte", 5) }]], // true is not told apart: it may err
    ["beginnings of each other", [of("starts_with", "ab"), of("starts_with", "abc")]],
    ["text or list", [of("contains", "a"), of("length_gte", 2), of("type", ["array", "null"])]],
    [
      "times of day",
      [of("between", ["09:00", "18:00"], "now.time"), of("between", ["12:00", "13:00"], "now.time")],
    ],
    ["a number that is whole", [of("type", "integer"), of("lt", 3)]],
    ["null", [of("eq", null), of("exists", true)]],
    ["nothing", []],
  ])("%s", (_, conditions) => {
    expect(conflict(...conditions)).toBeNull();
  });
});

const value = fc.oneof(
  fc.integer({ min: -2, max: 6 }),
  fc.constantFrom<Json[]>(0.5, "a", "ab", "b", "", "5", true, null, [], ["a"], [1, 2], { a: 1 }),
);
const number = fc.integer({ min: -1, max: 5 });
const comparison: fc.Arbitrary<ConditionText> = fc
  .oneof(
    fc.tuple(fc.constantFrom<OperatorName[]>("lt", "lte", "gt", "gte"), number),
    fc.tuple(fc.constantFrom<OperatorName[]>("eq", "neq"), value),
    fc.tuple(fc.constantFrom<OperatorName[]>("in", "not_in"), fc.array(value, { maxLength: 3 })),
    fc.tuple(fc.constantFrom<OperatorName[]>("length_lte", "length_gte"), fc.nat(3)),
    fc.tuple(
      fc.constantFrom<OperatorName[]>("starts_with", "contains", "regex"),
      fc.constantFrom("a", "ab", "b"),
    ),
    fc.tuple(fc.constant<OperatorName>("exists"), fc.boolean()),
    fc.tuple(
      fc.constant<OperatorName>("type"),
      fc.constantFrom("string", "number", "integer", "array", "null"),
    ),
    fc.tuple(
      fc.constant<OperatorName>("between"),
      fc.tuple(number, fc.nat(3)).map(([from, by]) => [from, from + by]),
    ),
  )
  .map(([op, given]) => of(op, given));
const condition: fc.Arbitrary<ConditionText> = fc.letrec<{ any: ConditionText }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", maxDepth: 2 },
    { weight: 4, arbitrary: comparison },
    { weight: 1, arbitrary: fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
    { weight: 1, arbitrary: fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })) },
    { weight: 1, arbitrary: tie("any").map((not) => ({ not })) },
  ),
})).any;

test("what is said never to hold holds for no value", () => {
  let conflicts = 0;
  fc.assert(
    fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), (conditions) => {
      if (conflict(...conditions) === null) return;
      conflicts++;
      const compiled = conditions.map((each) =>
        compileCondition(each, { timezone: "UTC", counter: () => null }),
      );
      const values: (Json | undefined)[] = [
        undefined,
        -2,
        -1,
        0,
        0.5,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        "",
        "a",
        "ab",
        "abc",
        "b",
        "5",
        true,
        null,
        [],
        ["a"],
        [1, 2],
        [1, 2, 3],
        { a: 1 },
      ];
      for (const x of values) {
        const subject = { call: call("t", x === undefined ? {} : { x }), classes: [], result: null };
        expect(compiled.every((each) => see(each, subject, new Map()).trace.holds)).toBe(false);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(conflicts).toBeGreaterThan(300);
});
