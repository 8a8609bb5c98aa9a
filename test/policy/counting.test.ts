import { describe, expect, test } from "vitest";
import { call, judged, Ledger, listed, policyOf, rules } from "./helpers.ts";

describe("per", () => {
  const policy = policyOf(
    rules(
      "{ name: spend, conditions: [{ path: state.t.c, op: lte, value: 10 }], state: { counter: c, window: day, increment_from: args.n, per: [args.customer, agent] } }",
    ),
  );

  test("each value has its own count", () => {
    const ledger = new Ledger();
    const verdict = (customer: string, agent = "a") =>
      ledger.decide(policy, call("t", { n: 6, customer }, { agent })).verdict;
    expect([verdict("x"), verdict("y"), verdict("x"), verdict("x", "b")]).toEqual([
      "allow",
      "allow",
      "deny",
      "allow",
    ]);
    expect([...ledger.values.keys()][0]).toBe(
      JSON.stringify(["up", "t", "c", "day", 'agent="a", args.customer="x"']),
    );
  });

  test("values that some server takes for one share a count", () => {
    const partition = (customer: string) =>
      judged(policy, "t", `{"n": 1, "customer": ${customer}}`).increments[0]?.partition;
    expect(new Set(['"ada"', '"Ada"', '" ada "', '"ａda"'].map(partition)).size).toBe(1);
    expect(partition("5")).toBe(partition('"5"'));
    for (const same of ["5.0", '"05"', '"+5"', '"5.0"', '" 5e0 "', '"0.5E1"', '"５"'])
      expect(partition(same)).toBe(partition("5"));
    expect(partition("5")).toBe('agent="agent", args.customer="5"');
    expect(partition('"-0.50"')).toBe('agent="agent", args.customer="-0.5"');
    expect(partition("1e21")).toBe(partition('"1000000000000000000000"'));
    expect(partition('"1e99"')).toBe(partition("1e99"));
    expect(partition('"50"')).not.toBe(partition("5"));
    expect(partition('"."')).not.toBe(partition("0"));
    expect(partition("true")).toBe(partition('"true"'));
    expect(partition('"a"')).not.toBe(partition('"b"'));
    expect(partition('"x\\", agent=\\"y"')).toBe('agent="agent", args.customer="x\\", agent=\\"y"');
    expect(partition(JSON.stringify("x".repeat(1_000)))).toMatch(
      /^agent="agent", args.customer="sha256:[0-9a-f]{64}"$/,
    );
  });

  test.each([
    ['{"n": 1}', "args.customer is missing, and it is counted per text, number or boolean"],
    ['{"n": 1, "customer": null}', "args.customer is null, and it is counted per text, number or boolean"],
    [
      '{"n": 1, "customer": ["x"]}',
      "args.customer is an array, and it is counted per text, number or boolean",
    ],
    [
      '{"n": 1, "customer": 1.00000000000000000001}',
      "args.customer is 1.00000000000000000001, and it is counted per text, number or boolean",
    ],
    [
      '{"n": 1, "customer": "x", "Customer": "y"}',
      'args.customer: the key "Customer" is "customer" to some servers',
    ],
  ])("%s cannot be counted, and is denied", (args, why) => {
    expect(judged(policy, "t", args)).toMatchObject({
      verdict: "deny",
      message: `Rule "spend": ${why}`,
      increments: [],
    });
  });

  test("rate limits, sessions and tools", () => {
    const pace = policyOf(`version: "1"
tools: { "*": { rules: [{ name: pace, rate_limit: 1/session, per: [tool] }, { name: agents, rate_limit: 3/day, per: [agent, server] }] } }
`);
    const ledger = new Ledger();
    const verdict = (tool: string, session: string, upstream = "up") =>
      ledger.decide(pace, call(tool, {}, { session, upstream })).verdict;
    expect([verdict("a", "1"), verdict("b", "1"), verdict("a", "1"), verdict("a", "2")]).toEqual([
      "allow",
      "allow",
      "deny",
      "allow",
    ]);
    expect(verdict("c", "1")).toBe("deny");
    expect(verdict("c", "1", "other")).toBe("allow");
    expect([...ledger.values.keys()][0]).toContain('session=\\"1\\", tool=\\"a\\"');
  });

  test("mistakes", () => {
    const bad = (text: string) => listed(rules(text)).map((each) => each.replace(/ \|.*/, ""));
    expect(bad("{ name: r, rate_limit: 1/day, per: [user] }")).toEqual([
      '5:45 nothing is counted per "user"',
    ]);
    expect(bad("{ name: r, rate_limit: 1/day, per: [] }")).toEqual(["5:44 per is an empty list"]);
    expect(bad('{ name: r, rate_limit: 1/day, per: ["args.x[*]"] }')).toEqual([
      "5:45 args.x[*] can be many values: nothing is counted per args.x[*]",
    ]);
    expect(bad("{ name: r, per: [agent], state: { counter: c, window: day } }")).toEqual([
      "5:25 per goes with rate_limit",
    ]);
    expect(
      bad(
        "{ name: r, state: { counter: c, window: day } }\n      - { name: s, state: { counter: c, window: day, per: [agent], on_error: refund } }",
      ),
    ).toEqual(["6:59 state.t.c already counts per []", '6:78 state.t.c already has on_error: "keep"']);
  });
});

test("a counter gives back on errors only where all files say so, in any order", () => {
  const file = (more: string) => rules(`{ name: r, state: { counter: c, window: day${more} } }`);
  const refunds = (...files: string[]) => judged(policyOf(...files), "t").increments[0]?.refundOnError;
  const [refund, keep] = [file(", on_error: refund"), file("")];
  expect(refunds(refund, refund)).toBe(true);
  expect(refunds(refund, keep)).toBe(undefined);
  expect(refunds(keep, refund)).toBe(undefined);
});

describe("amounts", () => {
  test("of a list add up", () => {
    const policy = policyOf(
      rules('{ name: r, state: { counter: c, window: day, increment_from: "args.items[*].n" } }'),
    );
    expect(judged(policy, "t", { items: [{ n: 1.5 }, { n: 2 }] }).increments[0]?.add).toBe(3_500_000n);
    expect(judged(policy, "t", { items: [{ n: 1 }, { n: -2 }] }).message).toContain("must not be negative");
    expect(judged(policy, "t", { items: [{ n: 1 }, {}] }).message).toContain(
      "is missing, and amounts must be numbers",
    );
    expect(judged(policy, "t", { items: [] }).message).toContain("is missing, and amounts must be numbers");
    expect(judged(policy, "t", { items: { n: 1 } }).message).toContain("is not a list");
    expect(judged(policy, "t", { items: [{ n: 1e12 }, { n: 1 }] }).message).toContain(
      "args.items[*].n adds up to more: amounts must be at most 1000000000000",
    );
  });

  test("below zero where the rule allows it", () => {
    const policy = policyOf(
      rules(
        "{ name: r, conditions: [{ path: state.t.c, op: lte, value: 5 }], state: { counter: c, window: day, increment_from: args.n, allow_negative: true } }",
      ),
    );
    const ledger = new Ledger();
    expect(ledger.decide(policy, call("t", { n: -3 })).increments[0]?.add).toBe(-3_000_000n);
    expect(ledger.decide(policy, call("t", { n: 8 })).verdict).toBe("allow");
    expect(ledger.decide(policy, call("t", { n: 0.000001 })).verdict).toBe("deny");
    expect(judged(policy, "t", '{"n": -1e999}').verdict).toBe("deny");
  });

  test("on_error is told with the increment", () => {
    const policy = policyOf(rules("{ name: r, state: { counter: c, window: day, on_error: refund } }"));
    expect(judged(policy, "t").increments).toMatchObject([{ refundOnError: true }]);
    expect(
      listed(rules("{ name: r, state: { counter: c, window: day, increment: -1, allow_negative: true } }")),
    ).toEqual([]);
  });
});

describe("budgets", () => {
  const text = `version: "1"
timezone: Europe/London
budgets:
  spend:
    limit: 100
    window: day
    per: [agent]
    tools: { create_charge: args.amount, "create_*": 10, "class:financial": 50, "*": 1 }
  calls: { limit: 3, window: session, tools: { "*": 1 }, on_deny: enough }
tools:
  get_x: { rules: [{ name: low, conditions: [{ path: state.budgets.spend, op: lte, value: 90 }] }] }
`;
  const policy = policyOf(text);
  const added = (tool: string, args = {}) =>
    judged(policy, tool, args).increments.map(({ counter, add }) => [counter, Number(add / 1_000_000n)]);

  test("each tool takes by its own key, else by the first that is for it, once", () => {
    expect(added("create_charge", { amount: 5 })).toEqual([
      ["spend", 5],
      ["calls", 1],
    ]);
    expect(added("create_x")).toEqual([
      ["spend", 10],
      ["calls", 1],
    ]);
    expect(added("transfer")).toEqual([
      ["spend", 50],
      ["calls", 1],
    ]);
    expect(added("get_x")).toEqual([
      ["spend", 1],
      ["calls", 1],
    ]);
  });

  test("one counter for all tools and servers", () => {
    const ledger = new Ledger();
    expect(ledger.decide(policy, call("create_charge", { amount: 95 }, { upstream: "a" })).verdict).toBe(
      "allow",
    );
    expect(ledger.decide(policy, call("create_x", {}, { upstream: "b" }))).toMatchObject({
      verdict: "deny",
      rule: { name: "spend", tool: "budgets", line: 4 },
      message: 'Rule "spend": the budget of 100 per day@Europe/London would be passed',
    });
    expect(ledger.decide(policy, call("get_x", {}, { upstream: "b" })).message).toContain(
      "state.budgets.spend would be 96",
    );
    expect([...ledger.values.keys()]).toEqual([
      JSON.stringify(["", "budgets", "spend", "day@Europe/London", 'agent="agent"']),
      JSON.stringify(["", "budgets", "calls", "session", "s1"]),
    ]);
  });

  test("each has a gauge", () => {
    expect(policy.limits.map(({ counter, limit }) => [counter, limit / 1_000_000n])).toEqual([
      ["spend", 90n],
      ["spend", 100n],
      ["calls", 3n],
    ]);
  });

  test("mistakes", () => {
    const bad = (text: string) => listed(`version: "1"\n${text}\n`).map((each) => each.replace(/ \|.*/, ""));
    expect(bad("budgets: { a: { limit: -1, window: day, tools: { t: amount } } }")).toEqual([
      "2:24 limit -1: amounts must not be negative",
      '2:53 unknown path "amount"',
    ]);
    expect(bad("budgets: { a: { limit: 1, window: day, tools: { t: -1, u: true } } }")).toEqual([
      "2:59 u must be text, not true",
    ]);
    expect(bad("budgets: { a: { limit: 1, window: day, tools: { t: -1 } } }")).toEqual([
      "2:52 t takes -1: amounts must not be negative",
    ]);
    expect(bad("budgets: { a.b: { limit: 1, window: day, tools: {} } }")).toEqual([
      '2:12 budget name "a.b" has a dot or a space in it, or is empty',
    ]);
    expect(
      bad("budgets: { a: { limit: 1, window: day, tools: {} } }\ntools: { budgets: { rules: [] } }"),
    ).toEqual(['3:10 "budgets" cannot be a tool in a file with budgets: state.budgets is theirs']);
    expect(bad(`budgets: { a: { limit: 1, window: day, tools: { "class:x": 1 } } }`)).toEqual([
      '2:49 unknown class "x"',
    ]);
  });
});
