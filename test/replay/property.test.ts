import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Policy } from "../../src/policy/compile/compile.ts";
import { openSqliteStore } from "../../src/state/sqlite.ts";
import type { Store } from "../../src/state/store.ts";
import type { JsonObject } from "../../src/wire/json.ts";
import { policyOf } from "../policy/helpers.ts";
import { scratch } from "../state/scratch.ts";
import { type Ending, Play, replayed, type Step } from "./play.ts";

const pick = fc.constantFrom;

const condition = fc.oneof(
  fc
    .record({ op: pick("lte", "gt", "eq"), value: fc.integer({ min: 0, max: 60 }) })
    .map(({ op, value }) => `{ path: args.n, op: ${op}, value: ${value} }`),
  pick("usd", "eur").map((value) => `{ path: args.s, op: contains, value: ${value} }`),
  pick("args.n", "args.s", "args.password", "args.list[*]").map(
    (path) => `{ path: ${path}, op: exists, value: true }`,
  ),
  fc.integer({ min: 0, max: 120 }).map((value) => `{ path: state.a.sum, op: lte, value: ${value} }`),
  pick("one", "two").map((value) => `{ path: agent.name, op: eq, value: ${value} }`),
  pick("read", "destructive").map((value) => `{ path: tool.class, op: eq, value: ${value} }`),
  fc.constant("{ path: tool.annotations.title, op: exists, value: true }"),
  fc.constant("{ path: now.hour, op: lt, value: 12 }"),
  fc.constant(
    "{ any: [{ path: args.n, op: lt, value: 5 }, { not: { path: args.s, op: exists, value: true } }] }",
  ),
);
const window = pick("minute", "day", "10s", "2m", "session", "forever");
const state = fc
  .record({
    counter: pick("sum", "other"),
    window,
    add: pick("increment: 1", "increment_from: args.n", "increment: 2.5"),
    per: pick("", ", per: [agent]", ", per: [session]", ", per: [args.s]"),
    onError: pick("", ", on_error: refund"),
  })
  .map((s) => `state: { counter: ${s.counter}, window: ${s.window}, ${s.add}${s.per}${s.onError} }`);
const list = (key: string) =>
  fc.array(condition, { minLength: 1, maxLength: 2 }).map((all) => `${key}: [${all.join(", ")}]`);
const parts = fc.record({
  when: fc.option(list("when"), { nil: "", freq: 4 }),
  conditions: fc.option(list("conditions"), { nil: "" }),
  extra: fc.oneof(
    { weight: 3, arbitrary: state },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 6 }).map((n) => `rate_limit: ${n}/10s`) },
    { weight: 1, arbitrary: pick("action: ask", "action: deny", "action: ask, timeout: 1s") },
    { weight: 1, arbitrary: fc.constant("") },
  ),
});
const rule = parts.map(({ when, conditions, extra }) =>
  [when, conditions, extra].filter((part) => part !== "").join(", "),
);
const resultRule = fc.constantFrom(
  "max_bytes: 200",
  "redact: [emails]",
  "max_bytes: 200, redact: [cards]",
  "action: deny, conditions: [{ path: args.n, op: gt, value: 30 }]",
  "action: deny, conditions: [{ path: args.password, op: exists, value: true }]",
  "action: deny, when: [{ path: agent.name, op: eq, value: two }]",
  "conditions: [{ path: result.text, op: length_lte, value: 20 }]",
  "when: [{ path: result.isError, op: exists, value: true }], action: deny",
);
const file = fc
  .record({
    head: pick("", "mode: shadow\n", "default: deny\n", "hide: [c]\n", 'timezone: "Europe/London"\n'),
    a: fc.array(rule, { maxLength: 3 }),
    rest: fc.array(rule, { maxLength: 2 }),
    prompts: fc.boolean(),
    results: fc.array(resultRule, { maxLength: 2 }),
  })
  .map(({ head, a, rest, prompts, results }) => {
    const rules = (all: readonly string[]) =>
      `[${all.map((text, i) => `{ name: r${i}${text === "" ? "" : `, ${text}`} }`).join(", ")}]`;
    const more = prompts ? "prompts: { '*': { rules: [{ name: p, rate_limit: 2/minute }] } }\n" : "";
    return `version: "1"\n${head}tools:\n  a: { rules: ${rules(a)} }\n  "*": { rules: ${rules(rest)} }\n${more}results: { "*": { rules: ${rules(results)} } }\n`;
  });

/** Policies of the grammar that are valid; the others only tell that the grammar is small. */
const policies = fc
  .array(file, { minLength: 1, maxLength: 2 })
  .map((texts): { texts: string[]; policy: Policy } | null => {
    try {
      return { texts, policy: policyOf(...texts) };
    } catch {
      return null;
    }
  })
  .filter((made) => made !== null);

const endings: readonly Ending[] = [
  "ok",
  "ok",
  "tool_error",
  "error",
  "input_required",
  "cancelled",
  "lost",
  "open",
];
const argument = fc.oneof(
  fc.integer({ min: -1, max: 70 }).map((n) => `"n": ${n}`),
  pick('"n": 0.1', '"n": 12345678901.000001', '"n": 123456789012345678901', '"n": "5"'),
);
const step: fc.Arbitrary<Step> = fc.record({
  after: pick(0, 1, 400, 4_000, 11_000, 70_000, 3_600_000),
  call: fc.record({
    tool: pick("a", "a", "b", "c", "delete_it", "A"),
    agent: pick("one", "two", ""),
    session: pick("s1", "s2"),
    upstream: pick("up", "other"),
    annotations: pick<(JsonObject | null)[]>(
      null,
      { readOnlyHint: true },
      { destructiveHint: true, title: "It" },
    ),
    kind: pick("tool", "tool", "tool", "prompt" as const),
  }),
  args: fc
    .tuple(
      fc.option(argument, { freq: 9 }),
      fc.option(pick('"s": "usd"', '"s": "eur x"', '"s": "sk_live_0123456789abcdef"', '"s": "[masked]"')),
      fc.option(pick('"password": "hunter2"', '"list": [1, {"token": "x"}]'), { freq: 3 }),
    )
    .map((all) => `{${all.filter((each) => each !== null).join(", ")}}`),
  bytes: pick(100, 100, 100, 100_000),
  person: pick<Step["person"][]>("yes", "yes", "no", "nobody", { n: 3 }, { s: "eur", n: 40 }),
  ending: pick(...endings),
  down: pick(false, false, false, false, true),
  says: pick("fine", "fine", "x".repeat(300), "ada@example.com", "4242 4242 4242 4242"),
});
/** What an operator does meanwhile: of no policy, so it must not flip anything. */
const operating = pick<((play: Play) => void)[]>(
  ({ operator }) => operator.allow("a"),
  ({ operator }) => operator.allow("* for 1m"),
  ({ operator }) => operator.block("b for 10s"),
  ({ operator }) => operator.hold("arg.n>10"),
  ({ operator }) => operator.hold("agent:one"),
  ({ operator }) => operator.view().holds.length > 0 && operator.resume(""),
  ({ operator }) => operator.setShadow(true),
  ({ operator }) => operator.setShadow(false),
);
type Act = Step | Ending | ((play: Play) => void);
const acts = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: step },
    { weight: 2, arbitrary: pick(...endings) },
    { weight: 1, arbitrary: operating },
  ),
  { minLength: 1, maxLength: 40 },
);

async function flipsNothing(policy: Policy, shadow: boolean, all: readonly Act[], store?: Store) {
  const dir = scratch();
  const play = new Play(dir, policy, shadow, store);
  for (const act of all) {
    if (typeof act === "string") play.nextRound(act);
    else if (typeof act === "function") act(play);
    else play.step(act);
  }
  play.close();
  const report = await replayed(
    policy,
    ...readdirSync(dir)
      .sort()
      .map((name) => join(dir, name)),
  );
  expect(report.flips).toEqual([]);
  expect(report.results.flips).toEqual([]);
  // Nor do the calls that a gateway remembers, when it decides them again.
  expect((await play.whatIf())?.flips).toEqual([]);
  return report;
}

test("a log replayed under the policy that wrote it flips nothing", async () => {
  let decided = 0;
  let undecidable = 0;
  let answers = 0;
  await fc.assert(
    fc.asyncProperty(policies, fc.boolean(), acts, async ({ policy }, shadow, all) => {
      const report = await flipsNothing(policy, shadow && all.length % 2 === 0, all);
      decided += report.calls - report.undecidable;
      undecidable += report.undecidable;
      answers += report.results.judged - report.results.undecidable;
    }),
    { numRuns: 500 },
  );
  // It does not pass by deciding nothing.
  expect(decided).toBeGreaterThan(2 * undecidable);
  expect(undecidable).toBeGreaterThan(0);
  expect(answers).toBeGreaterThan(50);
}, 120_000);

/** Limits that calls soon reach: what counted, and what did not, is seen in what comes after. */
const limited = fc
  .array(
    fc
      .record({
        limit: fc.integer({ min: 1, max: 6 }),
        window: pick("10s", "minute", "session", "forever"),
        per: pick("", ", per: [agent]"),
        refund: pick("", ", on_error: refund"),
        sum: fc.boolean(),
        ask: fc.boolean(),
      })
      .map(({ limit, window, per, refund, sum, ask }) => {
        if (!sum) return `{ name: r, rate_limit: ${limit}/${window}${per} }`;
        const counter = `{ counter: c, window: ${window}, increment_from: args.n${per}${refund} }`;
        const asks = `{ name: ask, action: ask, when: [{ path: state.a.c, op: gt, value: ${limit} }] }`;
        const counts = `{ name: s, conditions: [{ path: state.a.c, op: lte, value: ${limit * 9} }], state: ${counter} }`;
        return ask ? `${counts}, ${asks}` : counts;
      }),
    { minLength: 1, maxLength: 2 },
  )
  .map((texts) => texts.map((rules) => policyText(rules)));
const policyText = (rules: string) => `version: "1"\ntools: { a: { rules: [${rules}] } }\n`;
const busy = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        after: pick(0, 1, 400, 4_000),
        call: fc.record({
          tool: fc.constant("a"),
          agent: pick("one", "one", "two"),
          session: pick("s1", "s1", "s2"),
          upstream: fc.constant("up"),
          annotations: fc.constant(null),
          kind: fc.constant("tool" as const),
        }),
        args: fc.integer({ min: 1, max: 20 }).map((n) => `{"n": ${n}}`),
        bytes: fc.constant(100),
        person: pick<Step["person"][]>("yes", "no", { n: 3 }),
        ending: pick(...endings),
        down: pick(false, false, false, true),
      }),
    },
    { weight: 1, arbitrary: pick(...endings) },
  ),
  { minLength: 5, maxLength: 30 },
);

test("nor one that ran into its limits, with calls that went uncounted among it", async () => {
  await fc.assert(
    fc.asyncProperty(limited, busy, async (texts, all) => {
      await flipsNothing(policyOf(...texts), false, all);
    }),
    { numRuns: 200 },
  );
}, 120_000);

test("nor one whose counters were kept in the state file", async () => {
  await fc.assert(
    fc.asyncProperty(policies, acts, async ({ policy }, all) => {
      const store = openSqliteStore(join(scratch(), "state.db"));
      try {
        await flipsNothing(policy, false, all, store);
      } finally {
        store.close();
      }
    }),
    { numRuns: 30 },
  );
}, 120_000);
