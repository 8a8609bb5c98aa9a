import { describe, expect, test } from "vitest";
import { judged, listedAtMarks, policyOf, rules } from "./helpers.ts";

function outcome(op: string, value: string, args: string) {
  const policy = policyOf(rules(`{ name: r, conditions: [{ path: args.x, op: ${op}, value: ${value} }] }`));
  return judged(policy, "t", args).trace[0]?.outcome;
}

const cases: [op: string, value: string, args: string, expected: "pass" | "deny" | "error"][] = [
  ["starts_with", "acct_", '{"x": "acct_1"}', "pass"],
  ["starts_with", "acct_", '{"x": "Acct_1"}', "deny"],
  ["starts_with", "acct_", '{"x": ["acct_1"]}', "error"],
  ["starts_with", "acct_", "{}", "deny"],
  ["ends_with", '"@a.org"', '{"x": "me@a.org"}', "pass"],
  ["ends_with", '"@a.org"', '{"x": "me@a.org.evil"}', "deny"],
  ["ends_with", '"5"', '{"x": 5}', "error"],
  ["glob", '"reports/*.csv"', '{"x": "reports/a.csv"}', "pass"],
  ["glob", '"reports/*.csv"', '{"x": "reports/a/b.csv"}', "deny"],
  ["glob", '"reports/**.csv"', '{"x": "reports/a/b.csv"}', "pass"],
  ["glob", '"a?c"', '{"x": "abc"}', "pass"],
  ["glob", '"a?c"', '{"x": "a/c"}', "deny"],
  ["glob", '"a.c"', '{"x": "abc"}', "deny"],
  ["glob", '"a*"', '{"x": "a\\nb"}', "pass"],
  ["length_lte", "3", '{"x": "abc"}', "pass"],
  ["length_lte", "3", '{"x": "abcd"}', "deny"],
  ["length_lte", "1", '{"x": "😀"}', "pass"],
  ["length_lte", "1", '{"x": [1, 2]}', "deny"],
  ["length_lte", "1", '{"x": 5}', "error"],
  ["length_lte", "1", "{}", "deny"],
  ["length_gte", "2", '{"x": [1, 2]}', "pass"],
  ["length_gte", "1", '{"x": ""}', "deny"],
  ["length_gte", "2", '{"x": "[\\"a\\"]"}', "error"],
  ["length_lte", "3", '{"x": "[1]"}', "pass"],
  ["type", "string", '{"x": "a"}', "pass"],
  ["type", "string", '{"x": 1}', "deny"],
  ["type", "number", '{"x": 1.5}', "pass"],
  ["type", "number", '{"x": 9007199254740993}', "pass"],
  ["type", "integer", '{"x": 5.0}', "pass"],
  ["type", "integer", '{"x": 5.5}', "deny"],
  ["type", "integer", '{"x": 9007199254740993}', "pass"],
  ["type", "integer", '{"x": 1.00000000000000000001}', "deny"],
  ["type", "[string, null]", '{"x": null}', "pass"],
  ["type", "object", '{"x": []}', "deny"],
  ["type", "object", '{"x": 9007199254740993}', "deny"],
  ["type", "array", '{"x": []}', "pass"],
  ["type", "boolean", '{"x": false}', "pass"],
  ["between", "[1, 5]", '{"x": 5}', "pass"],
  ["between", "[1, 5]", '{"x": 5.01}', "deny"],
  ["between", "[1, 5]", '{"x": "3"}', "error"],
  ["between", "[1, 5]", '{"x": 3.00000000000000000001}', "error"],
  ["between", '["2026-01-01", "2026-12-31"]', '{"x": "2026-12-31"}', "pass"],
  ["between", '["2026-01-01", "2026-12-31"]', '{"x": "2027-01-01"}', "deny"],
  ["between", '["2026-01-01", "2026-12-31"]', '{"x": "2026-5-1"}', "error"],
  ["between", '["09:00", "18:00"]', '{"x": "18:00"}', "deny"],
  ["between", '["22:00", "06:00"]', '{"x": "23:30"}', "pass"],
  ["between", '["22:00", "06:00"]', '{"x": "05:59"}', "pass"],
  ["between", '["22:00", "06:00"]', '{"x": "06:00"}', "deny"],
  ["between", '["22:00", "06:00"]', '{"x": "6:00"}', "error"],
];

test.each(cases)("%s %s on %s: %s", (op, value, args, expected) => {
  expect(outcome(op, value, args)).toBe(expected);
});

describe("mistakes", () => {
  test.each([
    ["starts_with, value: ▸5", "starts_with takes text, not 5"],
    ['glob, value: ▸""', "glob takes text, not empty text"],
    ["length_lte, value: ▸1.5", "length_lte takes a whole number, not 1.5"],
    ["length_gte, value: ▸-1", "length_gte takes a whole number, not -1"],
    ["type, value: ▸text", 'unknown type "text"'],
    ["type, value: ▸[]", "type takes a type, not an empty list"],
    ["between, value: ▸5", "between takes two values, not 5"],
    ["between, value: ▸[5, 1]", "between 5 and 1 is nothing"],
    ['between, value: ▸["09:00", 5]', 'between cannot compare "09:00" and 5'],
    ['between, value: ▸["09:00", "09:00"]', "between 09:00 and 09:00 is nothing"],
    ['between, value: ▸["2026-02-01", "2026-01-01"]', "between 2026-02-01 and 2026-01-01 is nothing"],
  ])("op: %s", (text, message) => {
    const listed = listedAtMarks(rules(`{ name: r, conditions: [{ path: args.x, op: ${text} }] }`));
    expect(listed.map((each) => each.split(" | ")[0])).toEqual([message]);
  });
});

test("a glob of many stars takes linear time", () => {
  const from = performance.now();
  expect(outcome("glob", `"${"*a".repeat(30)}b"`, JSON.stringify({ x: "a".repeat(20_000) }))).toBe("deny");
  expect(performance.now() - from).toBeLessThan(2_000);
});
