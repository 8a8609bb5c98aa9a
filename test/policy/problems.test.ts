import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OPERATORS } from "../../src/policy/conditions/operators.ts";
import { policyFile } from "../../src/policy/schema/policy-file.ts";
import { rule } from "../../src/policy/schema/rules.ts";
import { listed, listedAtMarks, problemsOf, rules } from "./helpers.ts";

const OPERATOR_LIST = Object.keys(OPERATORS).join(", ");
const RULE_KEYS = Object.keys(rule.shape).join(", ");
const FILE_KEYS = Object.keys(policyFile.shape).join(", ");
const PATH_HELP =
  "write args.<name>, with .<name>, [0], [*] or [any] for what is inside; state.<tool>.<counter>; " +
  "tool.annotations.<name>; or tool.name, tool.class, server, agent.name, session.id, now.time, now.hour, " +
  "now.weekday or now.date";

const condition = (text: string) => listedAtMarks(rules(`{ name: r, conditions: [${text}] }`));
const problem = (text: string) => listedAtMarks(rules(text));

describe("files", () => {
  test.each([
    ["", ['1:1 the file is empty | start with version: "1"']],
    ["# nothing\n", ['1:1 the file is empty | start with version: "1"']],
    ["- a\n", ["1:1 the file must be a mapping, not a list | a mapping with version and tools"]],
    ["text\n", ['1:1 the file must be a mapping, not "text" | a mapping with version and tools']],
    ["tools: {}\n", ['1:1 version is missing | write version: "1"']],
    ["version: 1\n", ['1:10 version must be text, not the number 1 | write version: "1"']],
    ['version: "2"\n', ['1:10 unknown version "2" | write version: "1"']],
    [
      'version: "1"\ndefualt: deny\n',
      [`2:1 unknown key "defualt" | one of ${FILE_KEYS}. Did you mean "default"?`],
    ],
    ['version: "1"\ndefault: reject\n', ['2:10 unknown default "reject" | one of allow, deny.']],
    ['version: "1"\nhide: a\n', ['2:7 hide must be a list, not "a" | a list of tool names']],
    ['version: "1"\nhide: [a, ""]\n', ["2:11 the hidden tool's name is empty | write a name"]],
    [
      'version: "1"\ntimezone: Mars\n',
      ['2:11 unknown timezone "Mars" | an IANA name such as Europe/London, or UTC.'],
    ],
    ['version: "1"\ntools:\n', ['2:1 tools is empty | a mapping from tool names, or "*", to rules']],
    ['version: "1"\ntools:\n  t:\n    rules:\n', ["4:5 rules is empty | a list of rules"]],
    ['version: "1"\ntools: { t: {} }\n', ["2:13 rules is missing | a list of rules"]],
    [
      'version: "1"\ntools: { _global: { rules: [] } }\n',
      [
        '2:10 "_global" is not a tool: it is where counters of "*" are kept | write "*" for rules on all tools',
      ],
    ],
    [
      'version: "1"\ntools: { __proto__: { rules: [] } }\n',
      ["2:10 this cannot be a key | write a plain name"],
    ],
    ['version: "1"\ntools: { [a]: { rules: [] } }\n', ["2:10 this cannot be a key | write a plain name"]],
  ])("%j", (text, expected) => {
    expect(listed(text)).toEqual(expected);
  });

  test.each([
    ['version: "1"\nversion: "1"\n', "2:1 YAML: Map keys must be unique"],
    ['version: "1"\nhide: [a\n', "3:1 YAML: Flow sequence in block collection must be sufficiently indented"],
    ['version: "1"\ntools:\n\tt: {}\n', "3:1 YAML: Tabs are not allowed as indentation"],
    ['version: "1"\n---\nversion: "1"\n', "2:1 YAML: Source contains multiple documents"],
    ['version: !secret "1"\n', "1:10 YAML: Unresolved tag: !secret"],
    ['version: "1"\nhide: *a\n', '2:7 YAML: no anchor is named "a"'],
    ['version: "1"\nhide: &a [*a]\n', "1:1 YAML: an alias stands inside"],
    [
      `a: &a [${"x,".repeat(40)}]\nb: &b [${"*a,".repeat(40)}]\nc: [${"*b,".repeat(40)}]\n`,
      "1:1 YAML: Excessive alias count",
    ],
    ["[".repeat(100_000), "1:"],
  ])("broken YAML %#", (text, expected) => {
    expect(listed(text).some((line) => line.startsWith(expected))).toBe(true);
  });
});

describe("conditions", () => {
  const operators = `one of ${OPERATOR_LIST}.`;

  test.each([
    ["lessthan", "lt"],
    ["less_than", "lt"],
    ["<=", "lte"],
    ["LTE", "lte"],
    ["greater_than", "gt"],
    [">=", "gte"],
    ["equals", "eq"],
    ["==", "eq"],
    ["notin", "not_in"],
    ["matches", "regex"],
    ["contians", "contains"],
  ])("operator %s: did you mean %s", (op, meant) => {
    expect(condition(`{ path: args.x, op: ▸"${op}", value: 1 }`)).toEqual([
      `unknown operator "${op}" | ${operators} Did you mean "${meant}"?`,
    ]);
  });

  test.each([
    ["{ path: args.x, op: ▸banana, value: 1 }", `unknown operator "banana" | ${operators}`],
    ["▸{ path: args.x, value: 1 }", "op is missing | how the value at the path is compared"],
    ["▸{ op: eq, value: 1 }", "path is missing | args.<name> or state.<tool>.<counter>"],
    ["▸{ path: args.x, op: eq }", "value is missing | what it is compared with"],
    [
      '{ path: args.x, op: lte, value: ▸"5" }',
      'lte takes a number, not "5" | write it without quotes: value: 5',
    ],
    [
      "{ path: args.x, op: gt, value: ▸[5] }",
      "gt takes a number, not an array | write a number, such as value: 50000",
    ],
    [
      "{ path: args.x, op: in, value: ▸usd }",
      'in takes a list, not "usd" | write a list, such as value: [usd, eur]',
    ],
    [
      "{ path: args.x, op: exists, value: ▸yes }",
      'exists takes true or false, not "yes" | write value: true, or value: false',
    ],
    [
      "{ path: args.x, op: regex, value: ▸5 }",
      'regex takes text, not 5 | write a pattern in quotes: value: "^acct_"',
    ],
    [
      '{ path: args.x, op: regex, value: ▸"(?=a)" }',
      "regex does not compile: error parsing regexp: invalid or unsupported Perl syntax: `(?=` | RE2 syntax: no lookaround, no back-references",
    ],
    [
      "{ path: args.x, op: lte, value: ▸.nan }",
      ".nan is not a number that can be kept exactly | write a number of at most 15 digits",
    ],
    [
      "{ path: args.x, op: lte, value: ▸9007199254740993 }",
      "9007199254740993 is not a number that can be kept exactly | write a number of at most 15 digits",
    ],
    [
      "{ path: args.x, op: eq, value: 1, ▸values: 2 }",
      'unknown key "values" | one of path, op, value. Did you mean "value"?',
    ],
    ["{ path: ▸args, op: exists, value: true }", `unknown path "args" | ${PATH_HELP}`],
    [
      "{ path: ▸arg.a.b, op: exists, value: true }",
      `unknown path "arg.a.b" | ${PATH_HELP}. Did you mean "args.a.b"?`,
    ],
    [
      "{ path: ▸arguments.a, op: exists, value: true }",
      `unknown path "arguments.a" | ${PATH_HELP}. Did you mean "args.a"?`,
    ],
    [
      "{ path: ▸customer.id, op: exists, value: true }",
      `unknown path "customer.id" | ${PATH_HELP}. Did you mean "args.customer.id"?`,
    ],
    ["{ path: ▸args..x, op: exists, value: true }", `path "args..x" cannot be read at "..x" | ${PATH_HELP}`],
    [
      '{ path: ▸"args.x[all]", op: exists, value: true }',
      `path "args.x[all]" cannot be read at "[all]" | ${PATH_HELP}`,
    ],
    [
      "{ path: ▸state.c, op: lte, value: 1 }",
      'path "state.c" names no counter | write state.<tool>.<counter>, or state._global.<counter> for one declared under "*"',
    ],
    [
      "{ path: ▸state.t.c, op: lte, value: 1 }",
      "nothing counts state.t.c | a rule must count it: state: { counter: c, window: day }",
    ],
  ])("%s", (text, expected) => {
    expect(condition(text)).toEqual([expected]);
  });

  test("a path that cannot be read and a bad value are both told, once", () => {
    expect(condition("{ path: ▸amount, op: lte, value: ▸x }").map((line) => line.split(" |")[0])).toEqual([
      'unknown path "amount"',
      'lte takes a number, not "x"',
    ]);
  });
});

test("counters that a test fills, and nothing counts", () => {
  const file = (test: string, head = "") =>
    listedAtMarks(
      `${head}${rules("{ name: r, state: { counter: c, window: day } }", "{ name: s, rate_limit: 5/day }")}budgets: { b: { limit: 5, window: day, tools: { t: 1 } } }\ntests:\n  - { call: t, expect: allow, state: { ${test} } }\n`,
    );
  expect(file("state.t.c: 1, state.t.rate_limit: 2, state.budgets.b: 3")).toEqual([]);
  expect(file("▸state.t.d: 1, ▸state.t.rate_limt: 2")).toEqual([
    'nothing counts state.t.d | Did you mean "state.t.c"?',
    'nothing counts state.t.rate_limt | Did you mean "state.t.rate_limit"?',
  ]);
  expect(file("state.t.d: 1", "include: [shared.yaml]\n")).toEqual([]);
});

describe("rules", () => {
  test.each([
    ["▸{ action: deny }", "name is missing | what denials and the screen call the rule"],
    ['{ name: ▸" ", action: deny }', "the rule's name is empty | write a name"],
    ["▸{ name: r }", 'rule "r" does nothing | give it conditions, a rate_limit or a state; or action: deny'],
    ["{ name: r, action: ▸block }", 'unknown action "block" | one of evaluate, deny, ask.'],
    [
      "{ name: r, action: deny, ▸message: no }",
      `unknown key "message" | one of ${RULE_KEYS}. Did you mean "on_deny"?`,
    ],
    [
      "{ name: r, action: deny, rate_limit: ▸1/day }",
      "a rule with action: deny takes no rate_limit | remove rate_limit, or action: deny",
    ],
    [
      "{ name: r, rate_limit: ▸60 }",
      "rate_limit must be text, not the number 60 | a number of calls in a window, such as 60/minute",
    ],
    [
      "{ name: r, rate_limit: ▸60 per minute }",
      'rate_limit "60 per minute" cannot be read | write a number, a slash and a window: 60/minute',
    ],
    ["{ name: r, rate_limit: ▸0/day }", "rate_limit 0 lets nothing through | say so with action: deny"],
    [
      "{ name: r, rate_limit: ▸6/fortnight }",
      'unknown window "fortnight" | one of minute, hour, day, week, month, session, forever. Or a duration such as 10m',
    ],
    ["{ name: r, state: ▸{ window: day } }", "counter is missing | the counter's name, such as daily_spend"],
    [
      "{ name: r, state: ▸{ counter: c } }",
      "window is missing | minute, hour, day, week, month, session, forever, or a duration such as 10m",
    ],
    [
      "{ name: r, state: { counter: c, window: ▸daily } }",
      'unknown window "daily" | one of minute, hour, day, week, month, session, forever. Did you mean "day"? Or a duration such as 10m',
    ],
    [
      "{ name: r, state: { counter: c, window: ▸0s } }",
      'window "0s" is out of range | a duration is from 1s to 366d',
    ],
    [
      "{ name: r, state: { counter: ▸a.b, window: day } }",
      'counter name "a.b" has a dot or a space in it, or is empty | write a name such as daily_spend: conditions read it as state.<tool>.daily_spend',
    ],
    [
      "{ name: r, state: { counter: ▸rate_limit, window: day } }",
      'counter name "rate_limit" is taken by rate_limit | choose another name',
    ],
    [
      "{ name: r, state: { counter: c, window: day, increment: ▸-1 } }",
      "increment -1: amounts must not be negative | write a number such as 1",
    ],
    [
      "{ name: r, state: { counter: c, window: day, increment_from: ▸state.t.c } }",
      "increment_from reads an argument | write args.<name>",
    ],
    [
      "{ name: r, state: { counter: c, window: day, increment: 1, increment_from: ▸args.x } }",
      "increment and increment_from are both given | keep one of them",
    ],
  ])("%s", (text, expected) => {
    expect(problem(text)).toEqual([expected]);
  });

  test("names and counters that clash", () => {
    const twice = rules(
      "{ name: r, state: { counter: c, window: day } }",
      "{ name: r, state: { counter: c, window: hour } }",
    );
    expect(listed(twice)).toEqual([
      '6:17 another rule of "t" is named "r" too | give each rule of a tool its own name',
      '6:49 state.t.c already counts over "day" | give a counter with another window another name',
    ]);
  });

  test("a misspelt counter", () => {
    const text = rules(
      "{ name: r, conditions: [{ path: ▸state.t.spned, op: lte, value: 1 }], state: { counter: spend, window: day } }",
    );
    expect(listedAtMarks(text)).toEqual([
      'nothing counts state.t.spned | one of state.t.spend. Did you mean "state.t.spend"?',
    ]);
  });

  test.each([
    [
      "op: lte, value: ▸-1",
      "a counter cannot be compared with -1: amounts must not be negative | write a number, such as value: 1000000",
    ],
    [
      "op: in, value: ▸[1, x]",
      'a counter cannot be compared with "x": amounts must be numbers | write a number, such as value: 1000000',
    ],
    [
      "op: lte, value: ▸0.0000001",
      "a counter cannot be compared with 1e-7: amounts have at most 6 decimal places | write a number, such as value: 1000000",
    ],
    [
      "op: ▸exists, value: true",
      "exists does not apply to a counter | use lt, lte, gt, gte, eq, neq, between, in or not_in",
    ],
  ])("counter %s", (compared, expected) => {
    const counted = "state: { counter: c, window: day }";
    expect(problem(`{ name: r, conditions: [{ path: state.t.c, ${compared} }], ${counted} }`)).toEqual([
      expected,
    ]);
  });
});

test("anchors, aliases and merges are read, and problems in them point into the text", () => {
  const text = `version: "1"
tools:
  a:
    rules:
      - &small
        name: small
        conditions: [{ path: args.x, op: lte, value: five }]
  b:
    rules:
      - <<: *small
        on_deny: no
      - *small
`;
  const fine = text.replace("five", "5").replace("- *small", "- { <<: *small, name: other }");
  expect(listed(fine)).toEqual([]);
  expect(new Set(problemsOf(text).map(({ line, col }) => `${line}:${col}`))).toContain("7:54");
});

test("every problem of a file is listed, and points at its own line however the file is laid out", () => {
  const faults = [
    { good: "op: lte", bad: "op: lessthan", message: /unknown operator/ },
    { good: "path: args.amount", bad: "path: amount", message: /unknown path/ },
    { good: "action: evaluate", bad: "action: block", message: /unknown action/ },
    { good: "rate_limit: 5/day", bad: "rate_limit: daily", message: /cannot be read/ },
    { good: "window: day", bad: "window: daily", message: /unknown window/ },
    { good: "on_deny: no", bad: "on_denny: no", message: /unknown key/ },
    { good: "path: now.weekday", bad: "path: now.day", message: /unknown path "now.day"/ },
    { good: "limit: 500", bad: "limit: much", message: /limit must be a number/ },
    { good: "max_bytes: 1MB", bad: "max_bytes: lots", message: /not a size/ },
    { good: "expect: allow", bad: "expect: maybe", message: /unknown expect/ },
    { good: "mode: enforce", bad: "mode: off", message: /unknown mode/ },
  ];
  const layout = fc.record({
    broken: fc.uniqueArray(fc.constantFrom(...faults), { minLength: 1 }),
    indent: fc.integer({ min: 2, max: 5 }),
    gaps: fc.infiniteStream(fc.constantFrom("", "", "\n", "# a comment\n", "   # indented\n\n")),
    ending: fc.constantFrom("\n", "\r\n"),
  });
  fc.assert(
    fc.property(layout, ({ broken, indent, gaps, ending }) => {
      const pad = " ".repeat(indent);
      const lines = [
        'version: "1"',
        "tools:",
        `${pad}t:`,
        `${pad.repeat(2)}rules:`,
        `${pad.repeat(3)}- name: r`,
        `${pad.repeat(3)}  action: evaluate`,
        `${pad.repeat(3)}  rate_limit: 5/day`,
        `${pad.repeat(3)}  on_deny: no`,
        `${pad.repeat(3)}  state:`,
        `${pad.repeat(4)}  counter: c`,
        `${pad.repeat(4)}  window: day`,
        `${pad.repeat(3)}  conditions:`,
        `${pad.repeat(4)}- path: args.amount`,
        `${pad.repeat(4)}  op: lte`,
        `${pad.repeat(4)}  value: 5`,
        `${pad.repeat(4)}- not:`,
        `${pad.repeat(6)}any:`,
        `${pad.repeat(7)}- path: now.weekday`,
        `${pad.repeat(7)}  op: in`,
        `${pad.repeat(7)}  value: [mon]`,
        "mode: enforce",
        "budgets:",
        `${pad}spend:`,
        `${pad.repeat(2)}limit: 500`,
        `${pad.repeat(2)}window: month`,
        `${pad.repeat(2)}tools: { t: 1 }`,
        "results:",
        `${pad}t:`,
        `${pad.repeat(2)}rules:`,
        `${pad.repeat(3)}- name: r`,
        `${pad.repeat(3)}  max_bytes: 1MB`,
        "tests:",
        `${pad}- call: t`,
        `${pad}  expect: allow`,
      ];
      const written = lines.map((line) => `${gaps.next().value}${line}\n`).join("");
      const text = broken
        .reduce((all, { good, bad }) => all.replace(good, bad), written)
        .replaceAll("\n", ending);
      const found = problemsOf(text);
      expect(found).toHaveLength(broken.length);
      for (const { bad, message } of broken) {
        const at = text.split(ending).findIndex((line) => line.includes(bad));
        const line = text.split(ending)[at] ?? "";
        const problem = found.find((each) => message.test(each.message));
        const column =
          message.source === "unknown key" ? line.indexOf(bad) : line.indexOf(bad) + bad.indexOf(": ") + 2;
        expect(problem).toMatchObject({ line: at + 1, col: column + 1 });
        expect(problem?.help).not.toBe("");
      }
    }),
    { numRuns: 150 },
  );
});
