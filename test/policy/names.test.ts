import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold } from "../../src/fold.ts";
import { globMatches } from "../../src/policy/tools/names.ts";
import { judged, policyOf } from "./helpers.ts";

const policy = policyOf(`version: "1"
hide: [delete_customer, "internal_*"]
tools:
  create_charge: { rules: [{ name: own, action: deny, on_deny: own }] }
  "admin_*": { rules: [{ name: glob, action: deny, on_deny: glob }] }
  "*": { rules: [{ name: all, conditions: [{ path: args.stop, op: exists, value: false }], on_deny: all }] }
`);

test("exact key, then globs, then all", () => {
  expect(judged(policy, "create_charge", { stop: 1 }).trace.map(({ rule }) => rule.name)).toEqual([
    "own",
    "all",
  ]);
  expect(judged(policy, "admin_reset").message).toBe("glob");
  expect(judged(policy, "admin").verdict).toBe("allow");
  expect(judged(policy, "anything", { stop: 1 }).message).toBe("all");
});

test("hidden tools are not available", () => {
  expect(["delete_customer", "internal_x", "create_charge"].map((name) => policy.hidden(name, "up"))).toEqual(
    [true, true, false],
  );
  expect(judged(policy, "delete_customer")).toMatchObject({
    verdict: "deny",
    rule: { name: "hidden", tool: "hide", line: 2 },
    message: 'Tool "delete_customer" is not available',
    trace: [{ outcome: "deny" }],
  });
});

test.each([
  ["Create_Charge", "create_charge"],
  ["CREATE_CHARGE", "create_charge"],
  [" create_charge", "create_charge"],
  ["create_charge\u00a0", "create_charge"],
  ["ｃreate_charge", "create_charge"],
  ["create\u200a_charge", null],
  ["delete_cuſtomer", "delete_customer"],
  ["DELETE_CUSTOMER", "delete_customer"],
  ["Admin_reset", "admin_*"],
  ["INTERNAL_x", "internal_*"],
  ["create-charge", null],
  ["createcharge", null],
])("%j is denied as a near-miss of %j", (name, mentioned) => {
  const decision = judged(policy, name);
  if (mentioned === null) expect(decision.verdict).toBe("allow");
  else {
    expect(decision).toMatchObject({ verdict: "deny", rule: { name: "exact name" }, increments: [] });
    expect(decision.message).toContain(JSON.stringify(mentioned));
  }
});

test("tools that a plugin is for are mentioned: its code compares names as they are written", () => {
  const asking = policyOf(
    'version: "1"\nplugins: [{ use: ./p.ts, tools: [create_charge, "pay_*"] }, { use: ./q.ts }]\n',
  );
  expect(judged(asking, "create_charge").verdict).toBe("allow");
  for (const [name, mentioned] of [
    ["Create_Charge", "create_charge"],
    ["PAY_out", "pay_*"],
  ] as const) {
    expect(judged(asking, name)).toMatchObject({ verdict: "deny", rule: { name: "exact name", line: 2 } });
    expect(judged(asking, name).message).toContain(JSON.stringify(mentioned));
  }
});

test("names that differ only by case are each their own when both are mentioned", () => {
  const both = policyOf(
    'version: "1"\ntools: { a: { rules: [] }, A: { rules: [] }, "x*": { rules: [] }, Xy: { rules: [] } }',
  );
  expect(["a", "A", "xy", "Xy"].map((name) => judged(both, name).verdict)).toEqual([
    "allow",
    "allow",
    "deny",
    "allow",
  ]);
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty", ""])(
  "a tool named %j is only a name",
  (name) => {
    expect(judged(policy, name)).toMatchObject({ verdict: "allow", trace: [{ rule: { name: "all" } }] });
    expect(policy.hidden(name, "up")).toBe(false);
  },
);

test("names that classes mention are names that the policy mentions", () => {
  const classed = policyOf(
    'version: "1"\nclasses: { get_all: destructive, "read_*": destructive }\ntools: { "class:destructive": { rules: [{ name: no, action: deny }] } }',
  );
  expect(["get_all", "Get_all", "READ_it", "get_al"].map((name) => judged(classed, name).rule?.name)).toEqual(
    ["no", "exact name", "exact name", undefined],
  );
});

describe("default deny", () => {
  const closed =
    'version: "1"\ndefault: deny\ntools: { a: { rules: [] }, "get_*": { rules: [] }, "*": { rules: [] } }';

  test("allows what is listed; the key * lists nothing", () => {
    const policy = policyOf(closed);
    expect(["a", "get_x", "b", "*"].map((name) => judged(policy, name).verdict)).toEqual([
      "allow",
      "allow",
      "deny",
      "deny",
    ]);
    expect(judged(policy, "b")).toMatchObject({
      rule: { name: "default deny", tool: "default", line: 2 },
      message: 'Tool "b" is not on the list of allowed tools',
    });
  });

  test("of any file governs", () => {
    const policy = policyOf('version: "1"\ntools: { b: { rules: [] } }', closed);
    expect(judged(policy, "b")).toMatchObject({ verdict: "deny", rule: { file: "b.yaml" } });
    expect(judged(policy, "a").verdict).toBe("allow");
  });
});

test("globs agree with the obvious regular expression", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "."), maxLength: 8 });
  fc.assert(
    fc.property(text, text, (glob, name) => {
      const source = glob.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".");
      expect(globMatches(glob, name)).toBe(new RegExp(`^${source}$`).test(name));
    }),
    { numRuns: 2_000 },
  );
});

test("folding twice is folding once", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (name) => {
      expect(fold(fold(name))).toBe(fold(name));
    }),
  );
});
