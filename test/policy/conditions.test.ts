import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judged, listedAtMarks, policyOf, rules } from "./helpers.ts";

const conditions = (text: string) => policyOf(rules(`{ name: r, conditions: [${text}] }`));
const outcome = (text: string, args: string) => judged(conditions(text), "t", args).trace[0]?.outcome;
const mistakes = (text: string) => listedAtMarks(rules(`{ name: r, conditions: [${text}] }`));

describe("groups", () => {
  const small = "{ path: args.n, op: lte, value: 5 }";
  const staff = "{ path: args.by, op: eq, value: staff }";

  test("any, all and not", () => {
    expect(outcome(`{ any: [${small}, ${staff}] }`, '{"n": 9, "by": "staff"}')).toBe("pass");
    expect(outcome(`{ any: [${small}, ${staff}] }`, '{"n": 9, "by": "x"}')).toBe("deny");
    expect(outcome(`{ all: [${small}, ${staff}] }`, '{"n": 9, "by": "staff"}')).toBe("deny");
    expect(outcome(`{ not: ${staff} }`, '{"by": "x"}')).toBe("pass");
    expect(outcome(`{ not: ${staff} }`, '{"by": "staff"}')).toBe("deny");
    expect(outcome(`{ not: { any: [${small}, ${staff}] } }`, '{"n": 9, "by": "x"}')).toBe("pass");
  });

  test("a fault errs, but for any where another item holds", () => {
    expect(outcome(`{ any: [${small}, ${staff}] }`, '{"n": "9", "by": "staff"}')).toBe("pass");
    expect(outcome(`{ any: [${small}, ${staff}] }`, '{"n": "9", "by": "x"}')).toBe("error");
    expect(outcome(`{ all: [${small}, ${staff}] }`, '{"n": "9", "by": "x"}')).toBe("error");
    expect(outcome(`{ not: ${small} }`, '{"n": "9"}')).toBe("error");
  });

  test("the trace keeps the tree, and the message says what was wanted", () => {
    const decision = judged(conditions(`{ any: [${small}, { not: ${staff} }] }`), "t", { n: 6, by: "staff" });
    expect(decision.trace[0]?.conditions).toEqual([
      { path: "any", op: "of", expected: 2, actual: 0, holds: false },
      { path: "any › args.n", op: "lte", expected: 5, actual: 6, holds: false },
      { path: "any › not", op: "of", expected: 1, actual: 1, holds: false },
      { path: "any › not › args.by", op: "eq", expected: "staff", actual: "staff", holds: true },
    ]);
    expect(decision.message).toBe(
      'Rule "r": none of these holds: args.n is 6, and must be at most 5; it must not be that args.by eq "staff"',
    );
  });

  test("mistakes point into groups", () => {
    expect(mistakes("{ any: [{ path: args.x, op: ▸lessthan, value: 5 }] }")[0]).toMatch(/^unknown operator/);
    expect(mistakes("{ not: { all: [{ path: ▸x, op: eq, value: 5 }] } }")[0]).toMatch(/^unknown path "x"/);
    expect(mistakes("{ any: ▸[] }")[0]).toBe("any is an empty list | put something in it, or remove it");
    expect(mistakes("{ not: ▸[] }")[0]).toMatch(/^not must be a mapping, not a list/);
    expect(mistakes("{ any: ▸5 }")[0]).toMatch(
      /^any must be a list, not the number 5 \| a list of conditions/,
    );
    expect(mistakes("{ any: [{ path: args.x, op: eq, value: 1 }], ▸all: [] }")[0]).toMatch(
      /^unknown key "all"/,
    );
    expect(mistakes("{ any: [{ path: ▸state.t.c, op: lte, value: 5 }] }")[0]).toMatch(
      /^nothing counts state.t.c/,
    );
    expect(mistakes("▸5")[0]).toMatch(/must be a mapping, not the number 5/);
  });
});

test("groups agree with plain logic", () => {
  type Node = { leaf: boolean } | { any: Node[] } | { all: Node[] } | { not: Node };
  const { node } = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.record({ leaf: fc.boolean() }),
      fc.record({ any: fc.array(tie("node"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ all: fc.array(tie("node"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie("node") }),
    ),
  }));
  const text = (n: Node): string => {
    if ("leaf" in n) return `{ path: args.x, op: eq, value: ${n.leaf} }`;
    if ("not" in n) return `{ not: ${text(n.not)} }`;
    return "any" in n ? `{ any: [${n.any.map(text)}] }` : `{ all: [${n.all.map(text)}] }`;
  };
  const holds = (n: Node): boolean => {
    if ("leaf" in n) return n.leaf;
    if ("not" in n) return !holds(n.not);
    return "any" in n ? n.any.some(holds) : n.all.every(holds);
  };
  fc.assert(
    fc.property(node, (n) => {
      expect(outcome(text(n), '{"x": true}')).toBe(holds(n) ? "pass" : "deny");
    }),
    { numRuns: 200 },
  );
});

describe("lists", () => {
  const price = (quantifier: string) => `{ path: "args.items[${quantifier}].price", op: lte, value: 5 }`;

  test.each([
    ["*", '{"items": [{"price": 1}, {"price": 5}]}', "pass"],
    ["*", '{"items": [{"price": 1}, {"price": 6}]}', "deny"],
    ["*", '{"items": [{"price": 1}, {}]}', "deny"],
    ["*", '{"items": []}', "deny"],
    ["*", "{}", "deny"],
    ["*", '{"items": null}', "deny"],
    ["*", '{"items": {"price": 1}}', "error"],
    ["*", '{"items": [{"price": 6}, {"price": "1"}]}', "error"],
    ["*", '{"items": [{"price": 1}, null]}', "deny"],
    ["*", '{"items": [{"price": 1}, 5]}', "error"],
    ["any", '{"items": [{"price": 9}, {"price": 5}]}', "pass"],
    ["any", '{"items": [{"price": "x"}, {"price": 5}]}', "pass"],
    ["any", '{"items": [{"price": "x"}, {"price": 6}]}', "error"],
    ["any", '{"items": [{"price": 9}]}', "deny"],
    ["any", '{"items": []}', "deny"],
  ])("[%s] on %s: %s", (quantifier, args, expected) => {
    expect(outcome(price(quantifier), args)).toBe(expected);
  });

  test("lists in lists", () => {
    const grid = '{ path: "args.grid[*][any]", op: eq, value: 1 }';
    expect(outcome(grid, '{"grid": [[0, 1], [1, 0]]}')).toBe("pass");
    expect(outcome(grid, '{"grid": [[0, 1], [0, 0]]}')).toBe("deny");
  });

  test("the element that settles it is traced", () => {
    const decision = judged(conditions(price("*")), "t", { items: [{ price: 1 }, { price: 7 }] });
    expect(decision.trace[0]?.conditions).toEqual([
      {
        path: "args.items[*].price",
        op: "lte",
        expected: 5,
        actual: 7,
        holds: false,
        note: "at args.items[1].price",
      },
    ]);
  });

  test("exists: of every element, and of none", () => {
    const exists = (value: boolean) => `{ path: "args.items[*].id", op: exists, value: ${value} }`;
    expect(outcome(exists(true), '{"items": [{"id": 1}, {}]}')).toBe("deny");
    expect(outcome(exists(false), '{"items": [{}, {}]}')).toBe("pass");
    expect(outcome(exists(false), '{"items": [{}, {"id": null}]}')).toBe("deny");
    expect(outcome(exists(false), '{"items": []}')).toBe("pass");
  });
});

describe("what is of another shape than the path", () => {
  test.each([
    ['[{"id": "evil"}]', "deny"],
    ['"{\\"id\\": \\"evil\\"}"', "deny"],
    ["5", "deny"],
    ["null", "allow"],
    ["{}", "allow"],
  ])("a customer of %s", (customer, verdict) => {
    const policy = policyOf(
      rules("{ name: r, action: deny, conditions: [{ path: args.customer.id, op: eq, value: evil }] }"),
    );
    expect(judged(policy, "t", `{"customer": ${customer}}`).verdict).toBe(verdict);
  });

  test("is named", () => {
    const policy = conditions('{ not: { path: "args.items[0].id", op: eq, value: evil } }');
    expect(judged(policy, "t", { items: { 0: { id: "evil" } } }).message).toBe(
      'Rule "r": args.items[0].id: what [0] is looked up in is an object, not a list',
    );
    expect(judged(policy, "t", { items: ["evil"] }).message).toBe(
      'Rule "r": args.items[0].id: what .id is looked up in is a string, not an object',
    );
  });
});

describe("keys that differ only in case", () => {
  test.each([
    ['{"amount": 5, "Amount": 500}', "error"],
    ['{"AMOUNT": 5}', "error"],
    ['{"amounт": 5}', "deny"],
    ['{"amount": 5, "amounts": 500}', "pass"],
  ])("%s: %s", (args, expected) => {
    expect(outcome("{ path: args.amount, op: lte, value: 50 }", args)).toBe(expected);
  });

  test("deny too, where a rule only denies what it sees", () => {
    const policy = policyOf(
      rules("{ name: r, action: deny, conditions: [{ path: args.a.task, op: eq, value: rm }] }"),
    );
    expect(judged(policy, "t", '{"a": {"tas\\u212a": "rm"}}')).toMatchObject({
      verdict: "deny",
      message: 'Rule "r": args.a.task: the key "tas\u212a" is "task" to some servers',
    });
  });

  test("and so do amounts", () => {
    const policy = policyOf(rules("{ name: r, state: { counter: c, window: day, increment_from: args.n } }"));
    expect(judged(policy, "t", { n: 1, N: 100 }).message).toBe(
      'Rule "r": args.n: the key "N" is "n" to some servers',
    );
  });
});

describe("what calls come with", () => {
  const from = (text: string, more: object) => judged(conditions(text), "t", {}, more).trace[0]?.outcome;
  const monday = Date.parse("2026-03-02T23:30:00Z");

  test.each([
    ["{ path: tool.name, op: glob, value: t }", {}, "pass"],
    ["{ path: server, op: eq, value: up }", {}, "pass"],
    ["{ path: agent.name, op: eq, value: agent }", {}, "pass"],
    ["{ path: agent.name, op: neq, value: x }", { agent: "" }, "deny"],
    ["{ path: session.id, op: eq, value: s1 }", {}, "pass"],
    [
      "{ path: tool.annotations.readOnlyHint, op: eq, value: true }",
      { annotations: { readOnlyHint: true } },
      "pass",
    ],
    ["{ path: tool.annotations.readOnlyHint, op: eq, value: true }", {}, "deny"],
    ["{ path: now.weekday, op: in, value: [mon, tue] }", { time: monday }, "pass"],
    ["{ path: now.hour, op: gte, value: 23 }", { time: monday }, "pass"],
    ['{ path: now.time, op: between, value: ["23:00", "23:30"] }', { time: monday }, "deny"],
    ['{ path: now.time, op: between, value: ["23:30", "01:00"] }', { time: monday }, "pass"],
    ['{ path: now.date, op: eq, value: "2026-03-02" }', { time: monday }, "pass"],
  ])("%s", (text, more, expected) => {
    expect(from(text, more)).toBe(expected);
  });

  test("now is in the file's time zone", () => {
    const policy = policyOf(
      `${rules('{ name: r, conditions: [{ path: now.date, op: eq, value: "2026-03-03" }, { path: now.weekday, op: eq, value: tue }, { path: now.time, op: eq, value: "00:30" }] }')}timezone: Europe/Berlin\n`,
    );
    expect(judged(policy, "t", {}, { time: monday }).verdict).toBe("allow");
  });

  test.each([
    ["{ path: now.weekday, op: in, value: ▸[monday] }", 'now.weekday is never "monday"'],
    ["{ path: tool.class, op: eq, value: ▸dangerous }", 'tool.class is never "dangerous"'],
    ["{ path: now.time, op: ▸gte, value: 9 }", "gte compares numbers, and now.time is text"],
    ["{ path: ▸now.minute, op: eq, value: 9 }", 'unknown path "now.minute"'],
    ["{ path: ▸agent, op: eq, value: x }", 'unknown path "agent"'],
    ["{ path: ▸result.isError, op: eq, value: true }", "a rule about calls cannot know result.isError"],
  ])("%s", (text, expected) => {
    expect(mistakes(text).map((each) => each.split(" | ")[0])).toEqual([expected]);
  });
});

describe("when", () => {
  const policy = policyOf(
    rules(
      "{ name: big, when: [{ path: args.n, op: gt, value: 100 }], conditions: [{ path: args.why, op: exists, value: true }], state: { counter: big, window: day } }",
      "{ name: pace, when: [{ path: args.fast, op: eq, value: true }], rate_limit: 5/minute }",
      "{ name: seen, state: { counter: big, window: day, increment: 0.5 } }",
    ),
  );

  test("a rule that it is not for is skipped and counts nothing", () => {
    const decision = judged(policy, "t", { n: 5 });
    expect(decision.verdict).toBe("allow");
    expect(decision.trace.map(({ outcome }) => outcome)).toEqual(["skip", "skip", "pass"]);
    expect(decision.trace[0]?.conditions).toMatchObject([{ path: "when › args.n", actual: 5, holds: false }]);
    expect(decision.increments).toMatchObject([{ counter: "big", add: 500_000n }]);
  });

  test("a rule that it is for judges and counts", () => {
    expect(judged(policy, "t", { n: 500 }).message).toBe(
      'Rule "big": args.why is missing, and must be given',
    );
    expect(judged(policy, "t", { n: 500, why: "", fast: true }).increments).toMatchObject([
      { counter: "big", add: 1_500_000n },
      { counter: "rate_limit", add: 1_000_000n },
    ]);
  });

  test("a when that cannot be judged denies", () => {
    expect(judged(policy, "t", { n: "500" })).toMatchObject({
      verdict: "deny",
      trace: [{ outcome: "error" }, {}, {}],
    });
  });

  test("counters are as they are before the call", () => {
    const after = policyOf(
      rules(
        "{ name: r, when: [{ path: state.t.c, op: gte, value: 1 }], action: deny }",
        "{ name: c, state: { counter: c, window: day } }",
      ),
    );
    expect(judged(after, "t").verdict).toBe("allow");
  });
});
