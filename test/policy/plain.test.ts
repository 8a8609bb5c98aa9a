import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, needs } from "../../src/policy/decide.ts";
import type { JsonObject } from "../../src/wire/json.ts";
import { call, policyOf, rules } from "./helpers.ts";

const CONDITIONS = [
  "{ path: args.n, op: lte, value: 5 }",
  "{ path: args.n, op: exists, value: true }",
  "{ path: args.n, op: exists, value: false }",
  '{ path: args.by, op: regex, value: "^st" }',
  "{ path: args.by, op: neq, value: staff }",
  "{ path: 'args.list[*]', op: gt, value: 0 }",
  "{ path: 'args.list[*]', op: exists, value: true }",
  "{ path: agent.name, op: eq, value: agent }",
  "{ path: tool.class, op: neq, value: destructive }",
  "{ any: [{ path: args.n, op: gt, value: 3 }, { path: args.by, op: eq, value: staff }] }",
  "{ path: state.t.spent, op: lte, value: 10 }",
  "{ not: { path: args.by, op: starts_with, value: st } }",
  "{ not: { all: [{ path: args.n, op: exists, value: true }, { path: args.n, op: gte, value: 4 }] } }",
  "{ all: [{ path: args.n, op: gte, value: 1 }, { any: [{ path: args.by, op: eq, value: staff }, { path: args.by, op: exists, value: false }] }] }",
];
const some = fc.subarray(CONDITIONS, { minLength: 1, maxLength: 3 }).map((some) => `[${some.join(", ")}]`);
const rule = fc.oneof(
  { weight: 3, arbitrary: some.map((all) => `conditions: ${all}`) },
  some.map((all) => `action: deny, conditions: ${all}`),
  fc
    .tuple(some, some, fc.constantFrom("evaluate", "deny", "ask"))
    .map(([when, all, action]) => `action: ${action}, when: ${when}, conditions: ${all}`),
  some.map((when) => `when: ${when}, rate_limit: 3/minute`),
  some.map((when) => `when: ${when}, action: ask`),
  fc.constantFrom("rate_limit: 3/minute", "state: { counter: sum, window: day, increment_from: args.n }"),
);
const named = fc.array(rule, { maxLength: 4 }).map((all) => all.map((body, i) => `{ name: r${i}, ${body} }`));
/** What declares the counter that conditions read. */
const COUNTS = "{ name: c, state: { counter: spent, window: day, increment: 1 } }";
/** Is for no call, and has every rule looked at one by one: a file that watches. */
const ASIDE = `mode: shadow\n${rules("{ name: aside, when: [{ path: agent.name, op: eq, value: nobody }], action: deny }")}`;

const value = fc.constantFrom(1, 4, 6, -1, "4", "staff", "Staff", null, true);
const args: fc.Arbitrary<JsonObject> = fc.record(
  { n: value, N: value, by: value, list: fc.array(value, { maxLength: 3 }) },
  { requiredKeys: [] },
);

test("a call that plainly passes is decided as it is rule by rule, with the same trace", () => {
  let plain = 0;
  const law = fc.property(named, args, fc.option(fc.constantFrom(0n, 2n, 9n)), (some, sent, used) => {
    const asked = call("t", sent);
    const short = policyOf(rules(COUNTS, ...some));
    const long = policyOf(rules(COUNTS, ...some), ASIDE);
    const read = used === null ? [] : needs(asked, short);
    const before = new Map(read.map(({ id }) => [id, (used ?? 0n) * 1_000_000n]));
    const { trace, ...decision } = decide(asked, short, before);
    const { trace: longTrace, ...longDecision } = decide(asked, long, before);
    expect(decision).toEqual(longDecision);
    expect(trace).toEqual(longTrace.slice(0, -1));
    if (decision.verdict === "allow") plain++;
  });
  fc.assert(law, { numRuns: 1_000 });
  expect(plain).toBeGreaterThan(100);
});

test("an element that cannot be judged is not passed over, wherever it stands", () => {
  const policy = policyOf(
    rules("{ name: r, action: deny, conditions: [{ path: 'args.list[*]', op: gt, value: 0 }] }"),
  );
  for (const list of [
    [-1, "a"],
    ["a", -1],
  ]) {
    const asked = call("t", { list });
    expect(decide(asked, policy, new Map()).verdict).toBe("deny");
  }
});
