import { expect, test } from "vitest";
import { parse } from "../../../src/policy/source/parse.ts";
import { warningsOf } from "../../../src/policy/warnings/warnings.ts";
import { rules, SEED } from "../helpers.ts";

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
    ['3:10 the rules of "ab" never fire: line 2 hides it'],
  ],
  [
    'version: "1"\nhide: [a]\nresults:\n  a:\n    rules: [{ name: r, redact: [emails] }]\n',
    ['4:3 the rules of "a" never fire: line 2 hides it'],
  ],
  [
    'version: "1"\nprompts:\n  p: { hide: true, rules: [{ name: r, action: deny }] }\n  q: { hide: true }\n',
    ['3:27 the rules of "p" never fire: it is hidden'],
  ],
  [
    'version: "1"\ntools:\n  "get_*":\n    rules: [{ name: r, rate_limit: 1/day }]\n' +
      '  put: { rules: [{ name: own words, action: deny }] }\n  "*": { rules: [{ name: no, action: deny }] }\n',
    ['3:3 the rules of "get_*" decide nothing: "no" of "*" denies every call'],
  ],
  [
    'version: "1"\ntools:\n  get_a: { rules: [{ name: r, rate_limit: 1/day }] }\n' +
      '  "get_*": { rules: [{ name: no, action: deny }] }\n  "class:read": { rules: [{ name: r, rate_limit: 1/day }] }\n',
    ['3:3 the rules of "get_a" decide nothing: "no" of "get_*" denies every call'],
  ],
  [
    'version: "1"\ndefault: deny\ntools: { "*": { rules: [{ name: r, rate_limit: 1/day }] } }\n',
    ["2:10 default: deny, and the file lists nothing: every call is denied"],
  ],
  ['version: "1"\ndefault: deny\nresources: { "file:///srv/**": { rules: [] } }\n', []],
  [
    rules(
      "{ name: a, conditions: [{ path: args.n, op: lte, value: 5 }, { path: args.n, op: gt, value: 10 }] }",
      "{ name: b, action: deny, conditions: [{ path: args.n, op: eq, value: 5 }, { path: args.n, op: eq, value: 6 }] }",
      "{ name: c, action: ask, when: [{ path: args.n, op: in, value: [] }] }",
      "{ name: d, action: deny, when: [{ path: args.n, op: gt, value: 5 }], conditions: [{ path: args.n, op: lt, value: 5 }] }",
      "{ name: e, when: [{ path: args.n, op: gt, value: 5 }], conditions: [{ path: args.n, op: lt, value: 5 }] }",
    ),
    [
      '5:78 rule "a" denies whatever it is for: args.n cannot be at most 5 and be more than 10',
      '6:91 rule "b" never fires: args.n cannot be 5 and be 6',
      '7:48 rule "c" never fires: args.n cannot be one of none',
      '8:99 rule "d" never fires: args.n cannot be more than 5 and be less than 5',
    ],
  ],
  [
    'version: "1"\nresults:\n  t:\n    rules:\n      - { name: a, action: deny, conditions: [{ path: result.text, op: length_lte, value: 5 }, { path: result.text, op: length_gte, value: 6 }] }\n',
    [
      '5:104 rule "a" never fires: result.text cannot have at most 5 characters or elements and have at least 6 characters or elements',
    ],
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
