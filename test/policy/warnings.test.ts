import { expect, test } from "vitest";
import { parse } from "../../src/policy/source/parse.ts";
import { warningsOf } from "../../src/policy/source/warnings.ts";
import { rules, SEED } from "./helpers.ts";

function warned(text: string): string[] {
  const parsed = parse(text, "p.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return warningsOf(parsed.source).map(({ line, col, message }) => `${line}:${col} ${message}`);
}

test("a file that means what it says has none", () => {
  expect(warned(SEED)).toEqual([]);
});

test.each([
  [
    'version: "1"\nhide: ["a*"]\ntools: { ab: { rules: [{ name: r, action: deny }] } }\n',
    ['3:14 the rules of "ab" never fire: line 2 hides it'],
  ],
  [
    rules("{ name: a, rate_limit: 1/day }", "{ name: b, action: deny }", "{ name: c, rate_limit: 1/day }"),
    ['7:9 rule "c" decides nothing: "b" before it denies every call'],
  ],
  [
    rules("{ name: a, state: { counter: c, window: day } }"),
    ["5:27 state.t.c is counted and nobody limits it"],
  ],
  [
    rules(
      "{ name: a, state: { counter: c, window: day } }",
      "{ name: b, when: [{ not: { path: state.t.c, op: lt, value: 5 } }], action: ask }",
    ),
    [],
  ],
  [
    rules(
      '{ name: a, action: deny, conditions: [{ path: "args.x[*]", op: eq, value: 1 }] }',
      '{ name: b, conditions: [{ not: { path: "args.x[*]", op: eq, value: 1 } }] }',
      '{ name: c, conditions: [{ path: "args.x[*]", op: eq, value: 1 }] }',
      '{ name: d, action: deny, conditions: [{ not: { path: "args.x[*]", op: eq, value: 1 } }] }',
    ),
    [
      "5:55 args.x[*]: this holds only where every element does, and one that does not lets the call through",
      "6:48 args.x[*]: this holds only where every element does, and one that does not lets the call through",
    ],
  ],
  [
    'version: "1"\ntests:\n  - { call: a, expect: allow }\n  - { call: a, args: { n: 1 }, expect: allow }\n  - { name: x, call: a, expect: deny }\n',
    ["5:5 this test asks what the one in line 3 asks"],
  ],
])("%s", (text, expected) => {
  expect(warned(text)).toEqual(expected);
});
