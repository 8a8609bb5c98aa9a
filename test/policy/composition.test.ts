import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/wire/json.ts";
import { judged, policyOf } from "./helpers.ts";

/** A rule, the key it stands under, and the file. */
interface Written {
  readonly key: string;
  readonly body: string;
  readonly file: number;
}

const condition = fc.constantFrom(
  "{ path: args.n, op: lte, value: 5 }",
  "{ path: args.n, op: gt, value: 2 }",
  "{ path: args.s, op: eq, value: a }",
  "{ path: args.s, op: regex, value: '^b' }",
  "{ path: 'args.l[any]', op: eq, value: 1 }",
  "{ path: tool.class, op: eq, value: destructive }",
  "{ not: { path: args.n, op: exists, value: true } }",
  "{ any: [{ path: args.n, op: eq, value: 3 }, { path: agent.name, op: eq, value: agent }] }",
);
const list = fc.array(condition, { minLength: 1, maxLength: 2 }).map((all) => `[${all.join(", ")}]`);
const body = fc
  .record({
    when: fc.option(list, { nil: null }),
    conditions: list,
    action: fc.constantFrom("evaluate", "deny", "ask"),
  })
  .map(
    ({ when, conditions, action }) =>
      `action: ${action}, conditions: ${conditions}${when === null ? "" : `, when: ${when}`}`,
  );
const rule: fc.Arbitrary<Written> = fc.record({
  key: fc.constantFrom("delete_it", "delete_*", "*", "class:destructive", "other"),
  body,
  file: fc.nat(2),
});

/** As many files as the rules name, each with its keys in the order in which they come. */
function policyWith(rules: readonly Written[], order: readonly number[]) {
  const files = order.flatMap((file) => {
    const own = rules.filter((each) => each.file === file);
    const keys = Map.groupBy(own, ({ key }) => key);
    const text = [...keys].map(
      ([key, all]) =>
        `  "${key}": { rules: [${all.map(({ body }, i) => `{ name: r${i}, ${body} }`).join(", ")}] }\n`,
    );
    return text.length === 0 ? [] : [`version: "1"\ntools:\n${text.join("")}`];
  });
  return policyOf(...(files.length === 0 ? ['version: "1"\n'] : files));
}

const STRENGTH = ["allow", "ask", "deny"];
const value = fc.constantFrom(1, 3, 6, "a", "b", null, true);
const args: fc.Arbitrary<JsonObject> = fc.record(
  { n: value, N: value, s: value, l: fc.array(value, { maxLength: 2 }) },
  { requiredKeys: [] },
);

test("rules come to the strongest of what each says alone, in any order, under any keys, in any files", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(
      fc
        .array(rule, { maxLength: 6 })
        .chain((rules) =>
          fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length })),
        ),
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      args,
      ([rules, shuffled], order, sent) => {
        const verdict = (some: readonly Written[], files = [0, 1, 2]) =>
          judged(policyWith(some, files), "delete_it", sent).verdict;
        const alone = rules.map((each) => STRENGTH.indexOf(verdict([each])));
        const strongest = STRENGTH[Math.max(0, ...alone)];
        expect(verdict(rules)).toBe(strongest);
        expect(verdict(shuffled, order)).toBe(strongest);
        met.add(String(strongest));
      },
    ),
    { numRuns: 400 },
  );
  expect([...met].sort()).toEqual(["allow", "ask", "deny"]);
});

test("the same call under the same policy and counters is decided alike, trace and all", () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), args, (rules, sent) => {
      const policy = policyWith(rules, [0, 1, 2]);
      const shown = (decision: ReturnType<typeof judged>) => JSON.stringify([decision, decision.trace]);
      const first = shown(judged(policy, "delete_it", sent));
      expect(shown(judged(policy, "delete_it", structuredClone(sent)))).toBe(first);
      expect(shown(judged(policyWith(rules, [0, 1, 2]), "delete_it", sent))).toBe(first);
    }),
    { numRuns: 100 },
  );
});
