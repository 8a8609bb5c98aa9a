import { expect, test } from "vitest";
import { compile } from "../../src/policy/compile/compile.ts";
import { parse } from "../../src/policy/source/parse.ts";
import { call, judged, Ledger, policyOf, rules } from "./helpers.ts";

const cap = (limit: number) =>
  rules(
    `{ name: cap, conditions: [{ path: state.t.c, op: lte, value: ${limit} }], state: { counter: c, window: day, increment_from: args.n } }`,
  );
const shadow = (text: string) => `${text}mode: shadow\n`;

test("a file that watches blocks nothing and says what it would do", () => {
  const decision = judged(policyOf(shadow(rules("{ name: no, action: deny, on_deny: no }"))), "t");
  expect(decision).toMatchObject({
    verdict: "allow",
    rule: null,
    message: "",
    would: { verdict: "deny", rule: { name: "no" }, message: "no" },
    trace: [{ outcome: "deny", shadow: true }],
  });
});

test("an ask, a hidden tool and default deny too", () => {
  const would = (text: string, tool = "t") => judged(policyOf(text), tool).would;
  expect(would(shadow(rules("{ name: r, action: ask }")))).toMatchObject({
    verdict: "ask",
    rule: { name: "r" },
  });
  const closed = 'version: "1"\nmode: shadow\ndefault: deny\nhide: [h]\ntools: { t: { rules: [] } }\n';
  expect(would(closed)).toBeNull();
  expect(would(closed, "u")).toMatchObject({ verdict: "deny", rule: { name: "default deny" } });
  expect(would(closed, "h")).toMatchObject({ verdict: "deny", rule: { name: "hidden" } });
  expect(would(closed, "T")).toMatchObject({ verdict: "deny", rule: { name: "exact name" } });
  expect(policyOf(closed).hidden("h", "up")).toBe(false);
});

test("enforced files deny as ever; what the others would say is told too", () => {
  const both = policyOf(rules("{ name: no, action: deny }"), shadow(rules("{ name: me, action: deny }")));
  expect(judged(both, "t")).toMatchObject({
    verdict: "deny",
    rule: { name: "no" },
    would: { rule: { name: "me" } },
  });
});

test("counters of watching files count as they would, and stay when the file is enforced", () => {
  const ledger = new Ledger();
  const watching = policyOf(shadow(cap(10)));
  const spend = (policy = watching) => ledger.decide(policy, call("t", { n: 6 }));
  expect(spend()).toMatchObject({ would: null, increments: [{ add: 6_000_000n }] });
  expect(spend()).toMatchObject({ verdict: "allow", would: { verdict: "deny" }, increments: [] });
  expect([...ledger.values.values()]).toEqual([6_000_000n]);
  expect(spend(policyOf(cap(10))).verdict).toBe("deny");
});

test("watching never changes what is enforced, not even on a counter of the same name", () => {
  const plain = policyOf(cap(20));
  const watched = policyOf(cap(20), shadow(cap(5).replace("args.n", "args.m")));
  const [one, two] = [new Ledger(), new Ledger()];
  for (const args of [
    { n: 6, m: 100 },
    { n: 6, m: 1 },
    { n: 6, m: 1 },
    { n: 6, m: 1 },
    { n: 2, m: 1 },
  ]) {
    const made = call("t", args);
    expect(two.decide(watched, made).verdict).toBe(one.decide(plain, made).verdict);
  }
  const enforced = [...one.values.entries()];
  expect([...two.values.entries()].filter(([id]) => !id.includes("shadow"))).toEqual(enforced);
  expect([...two.values.keys()].some((id) => id.includes("t (shadow)"))).toBe(true);
});

test("a mode for all files", () => {
  const parsed = parse(rules("{ name: no, action: deny }"), "a.yaml");
  const watching = parse(shadow(rules("{ name: no, action: deny }")), "b.yaml");
  if (!parsed.ok || !watching.ok) throw new Error("valid");
  expect(judged(compile([parsed.source], "all shadow"), "t").verdict).toBe("allow");
  expect(judged(compile([watching.source], "all enforced"), "t").verdict).toBe("deny");
});
