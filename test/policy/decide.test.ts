import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, needs } from "../../src/policy/decide.ts";
import { call, judged, Ledger, policyOf, rules, SEED } from "./helpers.ts";

describe("actions", () => {
  test("deny without conditions always denies", () => {
    const policy = policyOf(rules("{ name: no, action: deny, on_deny: Deleting is for people }"));
    expect(judged(policy, "t")).toMatchObject({ verdict: "deny", message: "Deleting is for people" });
    expect(judged(policyOf(rules("{ name: no, action: deny }")), "t").message).toBe(
      'Rule "no" denies this call',
    );
  });

  test("deny with conditions denies when all of them hold, and when one cannot be judged", () => {
    const policy = policyOf(
      rules(
        "{ name: no, action: deny, conditions: [{ path: args.force, op: eq, value: true }, { path: args.n, op: gt, value: 5 }] }",
      ),
    );
    expect(judged(policy, "t", { force: true, n: 6 }).verdict).toBe("deny");
    expect(judged(policy, "t", { force: true, n: 5 }).verdict).toBe("allow");
    expect(judged(policy, "t", { force: true }).verdict).toBe("allow");
    expect(judged(policy, "t", { force: false, n: "6" })).toMatchObject({
      verdict: "deny",
      message: 'Rule "no": args.n is "6", and gt compares numbers',
    });
  });

  test("the first denying rule names the decision, and all are traced", () => {
    const policy = policyOf(
      rules(
        "{ name: a, conditions: [{ path: args.n, op: lt, value: 10 }] }",
        "{ name: b, conditions: [{ path: args.n, op: lt, value: 5 }], on_deny: b }",
        "{ name: c, action: deny, on_deny: c }",
      ),
    );
    const decision = judged(policy, "t", { n: 7 });
    expect(decision).toMatchObject({ verdict: "deny", message: "b", rule: { name: "b", line: 6 } });
    expect(decision.trace.map(({ rule, outcome }) => [rule.name, outcome])).toEqual([
      ["a", "pass"],
      ["b", "deny"],
      ["c", "deny"],
    ]);
  });
});

describe("counters", () => {
  test("rate limits let N calls through, by tool and over all tools", () => {
    const policy = policyOf(`version: "1"
tools:
  t: { rules: [{ name: own, rate_limit: 2/minute }] }
  "*": { rules: [{ name: pace, rate_limit: 3/hour, on_deny: slow down }] }
`);
    const ledger = new Ledger();
    const message = (tool: string) => ledger.decide(policy, call(tool)).message;
    expect([message("t"), message("t"), message("t")]).toEqual([
      "",
      "",
      'Rule "own": the limit of 2 calls per minute to t is reached',
    ]);
    expect([message("u"), message("u")]).toEqual(["", "slow down"]);
    expect([...ledger.values]).toEqual([
      ['["up","t","rate_limit","minute",""]', 2_000_000n],
      ['["up","_global","rate_limit","hour",""]', 3_000_000n],
    ]);
    expect(policy.limits.map(({ scope, limit }) => [scope, limit])).toEqual([
      ["t", 2_000_000n],
      ["_global", 3_000_000n],
    ]);
  });

  test("the same increment counts once, different ones add up", () => {
    const policy = policyOf(
      rules(
        "{ name: a, state: { counter: c, window: day, increment_from: args.n } }",
        "{ name: b, state: { counter: c, window: day, increment_from: args.n } }",
        "{ name: c, state: { counter: c, window: day } }",
        "{ name: d, state: { counter: c, window: day, increment: 1.0 } }",
        "{ name: e, state: { counter: c, window: day, increment: 0.5 } }",
      ),
    );
    expect(judged(policy, "t", { n: 10 }).increments.map(({ add }) => add)).toEqual([11_500_000n]);
    expect(
      judged(policyOf(rules("{ name: a, rate_limit: 9/day }"), rules("{ name: b, rate_limit: 5/day }")), "t")
        .increments,
    ).toHaveLength(1);
  });

  test("a rule reads the counter of another tool without adding to it", () => {
    const policy = policyOf(`${SEED}  create_refund:
    rules:
      - { name: only after charges, conditions: [{ path: state.create_charge.daily_spend, op: gt, value: 0 }] }
`);
    const ledger = new Ledger();
    expect(needs(call("create_refund"), policy)).toMatchObject([{ scope: "create_charge", add: 0n }]);
    expect(ledger.decide(policy, call("create_refund"))).toMatchObject({
      verdict: "deny",
      message:
        'Rule "only after charges": state.create_charge.daily_spend would be 0, and must be more than 0',
    });
    ledger.decide(policy, call("create_charge", { amount: 0.01 }));
    expect(ledger.decide(policy, call("create_refund"))).toMatchObject({ verdict: "allow", increments: [] });
  });

  test("a denial by any rule counts nothing", () => {
    const policy = policyOf(rules("{ name: a, rate_limit: 9/day }", "{ name: b, action: deny }"));
    expect(judged(policy, "t").increments).toEqual([]);
  });

  test("a counter that was not read denies", () => {
    expect(decide(call("t"), policyOf(rules("{ name: a, rate_limit: 9/day }")), new Map())).toMatchObject({
      verdict: "deny",
      message: 'Rule "a": state.t.rate_limit: its counter was not read',
    });
  });

  test("windows: session by session, sliding and zoned ones by their text", () => {
    const window = (text: string, more = "") =>
      judged(policyOf(rules(`{ name: a, rate_limit: 9/${text} }`) + more), "t").increments[0];
    expect(window("session")).toMatchObject({ window: { kind: "session" }, partition: "s1" });
    expect(window("session")?.id).toBe('["up","t","rate_limit","session","s1"]');
    expect(window("90s")).toMatchObject({ window: { kind: "sliding", ms: 90_000 }, partition: "" });
    expect(window("600s")?.id).toBe('["up","t","rate_limit","10m",""]');
    expect(window("forever")?.id).toBe('["up","t","rate_limit","forever",""]');
    expect(window("month", "timezone: Europe/London\n")).toMatchObject({
      id: '["up","t","rate_limit","month@Europe/London",""]',
      window: { unit: "month", timezone: "Europe/London" },
    });
  });

  test.each([
    ["{}", "args.n is missing, and amounts must be numbers"],
    ['{"n": "1e5"}', 'args.n is "1e5", and amounts must be numbers'],
    ['{"n": false}', "args.n is false, and amounts must be numbers"],
    ['{"n": 1e13}', "args.n is 10000000000000, and amounts must be at most 1000000000000"],
    [
      '{"n": 0.12345678901234567890}',
      "args.n is 0.12345678901234567890, and amounts have at most 6 decimal places",
    ],
  ])("an amount from %s denies", (args, why) => {
    const policy = policyOf(rules("{ name: a, state: { counter: c, window: day, increment_from: args.n } }"));
    expect(judged(policy, "t", args)).toMatchObject({ verdict: "deny", message: `Rule "a": ${why}` });
  });
});

test("deny overrides under any order of rules and files, and nothing else changes the verdict", () => {
  const limits = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(limits, fc.integer({ min: 0, max: 20 }), fc.nat(7), fc.boolean(), (all, n, cut, ban) => {
      const flow = all.map(
        (limit, i) => `{ name: r${i}, conditions: [{ path: args.n, op: lte, value: ${limit} }] }`,
      );
      if (ban)
        flow.splice(cut, 0, "{ name: ban, action: deny, conditions: [{ path: args.n, op: gt, value: 10 }] }");
      const halves = [flow.slice(0, cut), flow.slice(cut)]
        .filter((half) => half.length > 0)
        .map((half) => rules(...half));
      const allowed = all.every((limit) => n <= limit) && !(ban && n > 10);
      const orders = [
        policyOf(rules(...flow)),
        policyOf(rules(...flow.toReversed())),
        policyOf(...halves),
        policyOf(...halves.toReversed()),
      ];
      for (const policy of orders)
        expect(judged(policy, "t", { n }).verdict).toBe(allowed ? "allow" : "deny");
    }),
    { numRuns: 200 },
  );
});
