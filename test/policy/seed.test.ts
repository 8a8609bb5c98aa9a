import { expect, test } from "vitest";
import { call, judged, Ledger, policyOf, SEED } from "./helpers.ts";

const policy = policyOf(SEED);
const charge = (args: string) => judged(policy, "create_charge", args);

test("a charge within both limits passes and is counted", () => {
  const decision = charge('{"amount": 50000}');
  expect(decision).toMatchObject({ verdict: "allow", rule: null, message: "" });
  expect(decision.increments).toMatchObject([
    {
      id: '["up","create_charge","daily_spend","day",""]',
      scope: "create_charge",
      counter: "daily_spend",
      window: { kind: "calendar", unit: "day", timezone: "UTC" },
      add: 50_000_000_000n,
    },
  ]);
  expect(decision.trace.map((rule) => rule.outcome)).toEqual(["pass", "pass"]);
});

test("a charge over the single limit is denied with its message, every rule traced, nothing counted", () => {
  const decision = charge('{"amount": 50001}');
  expect(decision).toMatchObject({
    verdict: "deny",
    message: "Single charge cannot exceed $500.00",
    rule: { name: "max single charge", tool: "create_charge", file: "a.yaml", line: 6 },
    increments: [],
  });
  expect(decision.trace).toMatchObject([
    {
      outcome: "deny",
      conditions: [{ path: "args.amount", op: "lte", expected: 50000, actual: 50001, holds: false }],
    },
    {
      outcome: "pass",
      conditions: [{ path: "state.create_charge.daily_spend", actual: "50001", holds: true }],
    },
  ]);
});

test("after twenty charges of 50000 the next of 1 is over the daily cap", () => {
  const ledger = new Ledger();
  for (let i = 0; i < 20; i++) {
    expect(ledger.decide(policy, call("create_charge", { amount: 50000 })).verdict).toBe("allow");
  }
  const last = ledger.decide(policy, call("create_charge", { amount: 1 }));
  expect(last).toMatchObject({ verdict: "deny", message: "Daily spending cap of $10,000.00 reached" });
  expect([...ledger.values.values()]).toEqual([1_000_000_000_000n]);
});

test.each([
  ['{"amount": -5}', 'Rule "daily spend cap": args.amount is -5, and amounts must not be negative'],
  [
    '{"amount": -0.000001}',
    'Rule "daily spend cap": args.amount is -0.000001, and amounts must not be negative',
  ],
  [
    '{"amount": -1e999}',
    'Rule "max single charge": args.amount is -1e999, and not all JSON readers keep such a number whole',
  ],
  ['{"amount": "NaN"}', 'Rule "max single charge": args.amount is "NaN", and lte compares numbers'],
  ['{"amount": "50000"}', 'Rule "max single charge": args.amount is "50000", and lte compares numbers'],
  ['{"amount": null}', 'Rule "max single charge": args.amount is null, and lte compares numbers'],
  ['{"amount": true}', 'Rule "max single charge": args.amount is true, and lte compares numbers'],
  ['{"amount": [1]}', 'Rule "max single charge": args.amount is an array, and lte compares numbers'],
  [
    '{"amount": 0.0000001}',
    'Rule "daily spend cap": args.amount is 1e-7, and amounts have at most 6 decimal places',
  ],
  ["{}", "Single charge cannot exceed $500.00 (args.amount is missing)"],
  ['{"__proto__": {"amount": 5}}', "Single charge cannot exceed $500.00 (args.amount is missing)"],
])("%s is denied, says so and counts nothing", (args, message) => {
  const decision = charge(args);
  expect(decision).toMatchObject({ verdict: "deny", message, increments: [] });
});

test("cents count as cents", () => {
  const ledger = new Ledger();
  for (let i = 0; i < 10; i++) ledger.decide(policy, call("create_charge", { amount: 0.1 }));
  expect([...ledger.values.values()]).toEqual([1_000_000n]);
  expect(charge('{"amount": 0.01}').increments[0]?.add).toBe(10_000n);
});

test("the limit that a gauge shows is the rule's", () => {
  expect(policy.limits).toMatchObject([
    { scope: "create_charge", counter: "daily_spend", limit: 1_000_000_000_000n, rule: { line: 12 } },
  ]);
  expect(policy).toMatchObject({ rules: 2, files: ["a.yaml"] });
  expect(policy.hash).toMatch(/^[0-9a-f]{64}$/);
});

test("other tools are none of its business", () => {
  expect(judged(policy, "list_charges")).toMatchObject({ verdict: "allow", trace: [], increments: [] });
});
