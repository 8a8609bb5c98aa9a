import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, needs } from "../../src/policy/decide.ts";
import { ruleKey } from "../../src/policy/judge.ts";
import { call, judged, listed, policyOf, rules } from "./helpers.ts";

const policy = policyOf(
  rules(
    "{ name: cap, conditions: [{ path: state.t.c, op: lte, value: 100 }], state: { counter: c, window: day, increment_from: args.n } }",
    "{ name: big, when: [{ path: args.n, op: gt, value: 20 }], action: ask, timeout: 2m, on_deny: nobody agreed }",
    "{ name: odd, action: ask, timeout: 90s, conditions: [{ path: args.odd, op: eq, value: true }] }",
    "{ name: never, action: deny, conditions: [{ path: args.n, op: eq, value: 66 }] }",
  ),
);

test("an ask holds the call and counts nothing", () => {
  expect(judged(policy, "t", { n: 5 })).toMatchObject({ verdict: "allow", ask: null });
  expect(judged(policy, "t", { n: 50 })).toMatchObject({
    verdict: "ask",
    rule: { name: "big" },
    message: 'Rule "big" asks for a person\'s approval',
    increments: [],
    ask: { rules: [{ name: "big" }], timeoutMs: 120_000, onDeny: "nobody agreed" },
    would: null,
  });
});

test("all that ask are asked at once, in the shortest of their times", () => {
  expect(judged(policy, "t", { n: 50, odd: true }).ask).toMatchObject({
    rules: [{ name: "big" }, { name: "odd" }],
    timeoutMs: 90_000,
  });
  expect(judged(policy, "t", { n: 5, odd: true }).ask).toMatchObject({
    timeoutMs: 90_000,
    onDeny: 'Rule "odd": a person did not approve',
  });
});

test("deny beats ask", () => {
  expect(judged(policy, "t", { n: 66, odd: true })).toMatchObject({
    verdict: "deny",
    rule: { name: "never" },
    ask: null,
  });
  expect(judged(policy, "t", { n: 101 })).toMatchObject({ verdict: "deny", rule: { name: "cap" } });
});

test("what is approved passes, and then counts; what else asks still asks, and denials stay", () => {
  const asked = call("t", { n: 50, odd: true });
  const before = new Map(needs(asked, policy).map(({ id }) => [id, 0n]));
  const { ask } = decide(asked, policy, before);
  const keys = (ask?.rules ?? []).map(ruleKey);
  expect(decide(asked, policy, before, new Set(keys.slice(0, 1)))).toMatchObject({
    verdict: "ask",
    rule: { name: "odd" },
  });
  const approved = decide(asked, policy, before, new Set(keys));
  expect(approved).toMatchObject({ verdict: "allow", increments: [{ add: 50_000_000n }] });
  expect(approved.trace.map(({ outcome, note }) => [outcome, note])).toEqual([
    ["pass", undefined],
    ["pass", "approved"],
    ["pass", "approved"],
    ["pass", undefined],
  ]);
  const spent = new Map([...before.keys()].map((id) => [id, 90_000_000n]));
  expect(decide(asked, policy, spent, new Set(keys))).toMatchObject({
    verdict: "deny",
    rule: { name: "cap" },
  });
});

test("deny beats ask beats allow in any order of rules and files", () => {
  const kinds = fc.array(fc.constantFrom("pass", "ask", "deny", "skip"), { minLength: 1, maxLength: 7 });
  const body = {
    pass: "conditions: [{ path: args.n, op: eq, value: 1 }]",
    ask: "action: ask",
    deny: "action: deny",
    skip: "when: [{ path: args.n, op: eq, value: 2 }], action: deny",
  };
  fc.assert(
    fc.property(kinds, fc.nat(7), (kinds, cut) => {
      const flow = kinds.map((kind, i) => `{ name: r${i}, ${body[kind]} }`);
      const halves = [flow.slice(0, cut), flow.slice(cut)]
        .filter((half) => half.length > 0)
        .map((half) => rules(...half));
      const expected = kinds.includes("deny") ? "deny" : kinds.includes("ask") ? "ask" : "allow";
      for (const policy of [
        policyOf(rules(...flow)),
        policyOf(...halves),
        policyOf(...halves.toReversed()),
      ]) {
        const decision = judged(policy, "t", { n: 1 });
        expect(decision.verdict).toBe(expected);
        expect(decision.trace).toHaveLength(kinds.length);
      }
    }),
    { numRuns: 150 },
  );
});

test.each([
  ["{ name: r, action: ask, timeout: ▸soon }", '"soon" is not a time to wait'],
  ["{ name: r, action: ask, timeout: 8d }", '"8d" is not a time to wait'],
  ["{ name: r, action: deny, timeout: 2m }", "timeout is for rules that ask"],
  ["{ name: r, action: ask, rate_limit: 5/day }", "a rule with action: ask takes no rate_limit"],
])("%s", (text, message) => {
  expect(listed(rules(text.replace("▸", "")))[0]).toContain(message);
});
