import { expect, test } from "vitest";
import type { Terms } from "../../src/judging/rule.ts";
import type { LoadedPlugin } from "../../src/plugins/plugin.ts";
import { MemoryStore } from "../../src/state/memory.ts";
import type { Store } from "../../src/state/store.ts";
import { isObject, type JsonObject } from "../../src/wire/json.ts";
import { parseStrict } from "../../src/wire/parse.ts";
import { policyOf } from "../policy/helpers.ts";
import { Counters, seatsOf } from "./counters.ts";
import { call, judging, loaded, supervising } from "./helpers.ts";

const plugin = (body: string, more = ""): string => `export default { name: "p", ${more} ${body} };`;

/** JSON with every digit of its numbers kept. */
function exactly(text: string): JsonObject {
  const parsed = parseStrict(text);
  if (!isObject(parsed)) throw new Error("an object");
  return parsed;
}

test("onCall: allow, deny, ask, edit, with evidence and the place of the verdict", async () => {
  const { supervisor } = supervising();
  const judge = await loaded(
    supervisor,
    `export default {
  name: "p",
  onCall(call, ctx) {
    if (call.args.v === "deny") return ctx.deny("no", { "args.v": call.args.v });
    if (call.args.v === "ask")
      return ctx.ask("sure?");
    if (call.args.v === "edit") return ctx.edit({ ...call.args, v: "edited" });
    if (call.args.v === "own") return { verdict: "deny", message: "own words" };
  },
};`,
  );
  expect(await judge.onCall(call("t", { v: "" }))).toMatchObject({
    verdict: "allow",
    message: "",
    failure: null,
  });
  expect(await judge.onCall(call("t", { v: "deny" }))).toMatchObject({
    verdict: "deny",
    message: "no",
    evidence: { "args.v": "deny" },
    place: { file: "p.ts", line: 4, col: 44 },
  });
  expect(await judge.onCall(call("t", { v: "ask" }))).toMatchObject({
    verdict: "ask",
    message: "sure?",
    place: { line: 6, col: 18 },
  });
  expect(await judge.onCall(call("t", { v: "edit", n: 1 }))).toMatchObject({
    verdict: "edit",
    args: { v: "edited", n: 1 },
  });
  expect(await judge.onCall(call("t", { v: "own" }))).toMatchObject({
    verdict: "deny",
    message: "own words",
    place: { line: 1 },
  });
});

test("onCall sees the call, and nothing of it can be confused with what JSON cannot say", async () => {
  const { supervisor } = supervising();
  const echo = await loaded(supervisor, judging("return ctx.deny(JSON.stringify(call))"));
  const args = exactly(
    '{"__proto__": {"a": 1}, "constructor": "x", "n": 1e3, "s": "\\u2028\\ud83d\\ude00\\n"}',
  );
  const { message } = await echo.onCall(call("t", args));
  expect(message).toBe(
    '{"tool":"t","args":{"__proto__":{"a":1},"constructor":"x","n":1000,"s":"\u2028😀\\n"},"server":"up","agent":"agent","session":"s1"}',
  );
});

test("numbers that no double holds keep their digits through an edit", async () => {
  const { supervisor } = supervising();
  const edit = await loaded(
    supervisor,
    judging("return ctx.edit({ ...call.args, note: 'x', changed: call.args.changed + 1 })"),
  );
  const args = exactly(
    '{"big": 12345678901234567890, "fine": 0.10000000000000000001, "huge": 1e999, "changed": 12345678901234567890, "in": [{"a": 12345678901234567891}]}',
  );
  const opinion = await edit.onCall(call("t", args));
  expect(JSON.stringify(opinion.args)).toBe(
    '{"big":12345678901234567890,"fine":0.10000000000000000001,"huge":1e999,"changed":12345678901234567890,"in":[{"a":12345678901234567891}],"note":"x"}',
  );
});

test("onResult: pass, replace, redact, block", async () => {
  const { supervisor } = supervising();
  const judge = await loaded(
    supervisor,
    plugin(`onResult(call, result, ctx) {
      if (call.tool === "replace") return ctx.replace({ ...result, content: [] });
      if (call.tool === "redact") return ctx.redact(/secret-\\w+/);
      if (call.tool === "block") return ctx.block("not for you", { size: 1 });
      if (call.tool === "odd") return "odd";
    }`),
  );
  const result = exactly(
    '{"content":[{"type":"text","text":"secret-1 and secret-2"}],"structuredContent":{"n":12345678901234567890,"secret-k":["secret-3"]}}',
  );
  const on = async (tool: string, given = result) => {
    const { verdict, message, result, failure } = await judge.onResult(call(tool), given);
    return [verdict, message, JSON.stringify(result), failure?.reason];
  };
  expect(await on("pass")).toEqual(["pass", "", "null", undefined]);
  expect(await on("replace")).toEqual([
    "replace",
    "",
    '{"content":[],"structuredContent":{"n":12345678901234567890,"secret-k":["secret-3"]}}',
    undefined,
  ]);
  expect(await on("redact")).toEqual([
    "replace",
    "",
    '{"content":[{"type":"text","text":"[redacted] and [redacted]"}],"structuredContent":{"n":12345678901234567890,"[redacted]":["[redacted]"]}}',
    undefined,
  ]);
  expect(await on("redact", { content: [] })).toEqual(["pass", "", "null", undefined]);
  expect(await on("block")).toEqual(["block", "not for you", "null", undefined]);
  expect(await on("odd")).toEqual([
    "block",
    expect.stringContaining(
      'Plugin "p" could not judge this: its answer is malformed: onResult returns nothing, or what',
    ),
    "null",
    expect.any(String),
  ]);
  const open = await loaded(supervisor, plugin("onResult() { null.x }"), { on_error: "allow" });
  expect(await open.onResult(call("t"), result)).toMatchObject({
    verdict: "pass",
    failure: { kind: "threw" },
  });
});

test("onTools: filtered and annotated, nothing added", async () => {
  const { supervisor } = supervising();
  const tools = [
    exactly('{"name":"a","inputSchema":{"maximum":12345678901234567890}}'),
    { name: "b" },
    { name: "c" },
  ];
  const on = async (body: string) => {
    const judge = await loaded(supervisor, plugin(`onTools(tools, ctx) { ${body} }`));
    const { tools: shown, failure } = await judge.onTools(tools, 0);
    return [JSON.stringify(shown), failure?.reason];
  };
  const all = JSON.stringify(tools);
  expect(await on("")).toEqual([all, undefined]);
  expect(
    await on(
      "return tools.filter((t) => t.name !== 'b').map((t) => ({ ...t, title: t.name.toUpperCase() }))",
    ),
  ).toEqual([
    '[{"name":"a","inputSchema":{"maximum":12345678901234567890},"title":"A"},{"name":"c","title":"C"}]',
    undefined,
  ]);
  const added = [all, expect.stringMatching(/is not one of the tools it was given, or twice/)];
  expect(await on("return [...tools, { name: 'd' }]")).toEqual(added);
  expect(await on("return [tools[0], tools[0]]")).toEqual(added);
  expect(await on("return [{}]")).toEqual(added);
  expect(await on("return {}")).toEqual([
    all,
    expect.stringMatching(/onTools returns nothing or a list of tools/),
  ]);
  expect(await on("null.x")).toEqual([all, expect.stringMatching(/^it threw TypeError/)]);
});

test("commands: words in, text out, counters to look at", async () => {
  const { supervisor } = supervising();
  const talker = await loaded(
    supervisor,
    plugin(
      `commands: { spent: { help: "what a customer had", run(words, ctx) { return words.join("+") + " " + ctx.counter("spend", words[0]).value } }, bad: { help: "x", run() { return 1 } } }`,
      'counters: { spend: { window: "day" } },',
    ),
  );
  expect(talker.parts.description.commands).toEqual([
    { name: "spent", help: "what a customer had", runs: true },
    { name: "bad", help: "x", runs: true },
  ]);
  const first = await talker.command("spent", ["ada", "x"], call(""));
  expect(first.text).toBe("ada+x 0");
  const [reading] = first.readings;
  expect(reading?.need).toMatchObject({
    upstream: "up",
    scope: "plugin p",
    counter: "spend",
    partition: '["ada"]',
    add: 0n,
  });
  const known = first.readings.map((each) => ({ ...each, seen: 1_500_000n }));
  expect((await talker.command("spent", ["ada", "x"], call(""), known)).text).toBe("ada+x 1.5");
  expect((await talker.command("bad", [], call(""))).text).toMatch(/a command returns text/);
  expect((await talker.command("constructor", [], call(""))).text).toMatch(/there is no command constructor/);
});

const counted = (body: string, name = "p") =>
  `export default { name: "${name}", counters: { n: { window: "forever" }, s: { window: "session" } }, onCall(call, ctx) { ${body} } };`;

test("counters: keys, windows, amounts", async () => {
  const { supervisor } = supervising();
  const judge = await loaded(
    supervisor,
    counted(
      "ctx.counter('n').add(); ctx.counter('n').add(0.1); ctx.counter('n').add(0.2); ctx.counter('s', { b: 1, a: [null] }).add(2); ctx.counter('n', 'x'.repeat(200))",
    ),
  );
  const { readings } = await judge.onCall(call("t"));
  expect(readings.map(({ need, seen }) => [need.counter, need.partition, need.add, seen])).toEqual([
    ["n", "", 1_300_000n, 0n],
    ["s", 's1 [{"a":[null],"b":1}]', 2_000_000n, 0n],
    ["n", expect.stringMatching(/^sha256:[0-9a-f]{64}$/), 0n, 0n],
  ]);
  const wrong: [string, string][] = [
    ["-1", "amounts are numbers from 0"],
    ["NaN", "amounts are numbers from 0"],
    ["'1'", "amounts are numbers from 0"],
    ["Infinity", "amounts are numbers from 0"],
    ["0.1234567", "amounts have at most 6 decimal places"],
    ["1e15", "amounts must be at most"],
  ];
  for (const [amount, why] of wrong) {
    const bad = await loaded(supervisor, counted(`ctx.counter('n').add(${amount})`));
    expect(await bad.onCall(call("t"))).toMatchObject({
      verdict: "deny",
      message: expect.stringContaining(why),
    });
  }
});

test("32 calls at once never pass a limit that a plugin sets, and lose no increment", async () => {
  const { supervisor } = supervising();
  const limit = await loaded(
    supervisor,
    counted("const n = ctx.counter('n'); if (n.value >= 10) return ctx.deny('full'); n.add()"),
  );
  const other = await loaded(supervisor, counted("ctx.counter('n', 'other').add()", "other"));
  const counters = new Counters();
  const outcomes = await Promise.all(
    Array.from({ length: 32 }, () => counters.judge([limit, other], call("t"))),
  );
  expect(outcomes.filter((outcome) => outcome === "allow")).toHaveLength(10);
  expect(outcomes.filter((outcome) => outcome === "deny: full")).toHaveLength(22);
  expect(counters.values(call("t").time)).toEqual([10, 10]);
});

test("counters that another gateway moves: asked again, and in the end denied", async () => {
  const { supervisor } = supervising();
  const judge = await loaded(supervisor, counted("return ctx.deny(String(ctx.counter('n').value))"));
  let looks = 0;
  /** Another gateway adds to the counter each time before it is looked at, so often. */
  const moving = (often: number) => {
    const store = new MemoryStore();
    const busy: Store = {
      reserve(needs, time, judged) {
        const [need] = needs;
        if (need !== undefined && looks++ < often) {
          store.reserve([need], time, () => ({ increments: [{ ...need, add: 1_000_000n }] }));
        }
        return store.reserve(needs, time, judged);
      },
      refund: (reservation, which) => store.refund(reservation, which),
      set: (need, value, time) => store.set(need, value, time),
      commit: () => store.commit(),
      list: (time, limit) => store.list(time, limit),
      close: () => store.close(),
    };
    return new Counters(undefined, busy);
  };
  expect(await moving(3).judge([judge], call("t"))).toBe("deny: 3");
  looks = 0;
  expect(await moving(Number.POSITIVE_INFINITY).judge([judge], call("t"))).toMatch(
    /^deny: The call is refused. The counters of its plugins changed all the time/,
  );
});

/** What is settled on: the arguments, and what each plugin came to. */
async function settled(plugins: readonly LoadedPlugin[], args: JsonObject, terms: Partial<Terms> = {}) {
  const ruling = await new Counters().rule(plugins, call("t", args), terms);
  const { trace, message } = ruling.decision;
  return {
    args: ruling.call.args,
    edited: ruling.edited,
    said: trace.map(({ outcome, note }) => [outcome, note].filter((each) => each !== undefined).join(": ")),
    message,
  };
}

test("edits: each on the last one's, and all judge what is sent", async () => {
  const { supervisor } = supervising();
  const cap = await loaded(
    supervisor,
    judging("if (call.args.n > 10) return ctx.edit({ ...call.args, n: 10 })", "cap"),
  );
  const tag = await loaded(supervisor, judging("return ctx.edit({ ...call.args, tag: 'x' })", "tag"));
  const guard = await loaded(
    supervisor,
    judging("if (call.args.tag === 'x' && call.args.n < 5) return ctx.deny('small')", "guard"),
  );
  const more = await loaded(
    supervisor,
    judging("return ctx.edit({ ...call.args, n: call.args.n + 1 })", "more"),
  );
  expect(await settled([cap, guard], { n: 3 })).toMatchObject({
    args: { n: 3 },
    edited: false,
    said: ["pass", "pass"],
  });
  expect(await settled([guard, cap, tag], { n: 30 })).toMatchObject({
    args: { n: 10, tag: "x" },
    edited: true,
    said: ["pass", "pass: edited the arguments", "pass: edited the arguments"],
  });
  expect(await settled([guard, cap, tag], { n: 3 })).toMatchObject({
    args: { n: 3, tag: "x" },
    edited: true,
    said: ["deny", "pass", "pass: edited the arguments"],
  });
  expect((await settled([more], { n: 1 })).message).toBe(
    'Plugin "more" would edit the arguments again and again',
  );
  expect((await settled([cap, guard], { n: 30, tag: "x" })).said).toEqual([
    "pass: edited the arguments",
    "pass",
  ]);
  // What a person approved is what is sent.
  expect(await settled([cap], { n: 30 }, { final: true })).toMatchObject({
    args: { n: 30 },
    edited: false,
    message: 'Plugin "cap" would edit arguments that a person has approved',
  });
  expect(await settled([tag], { n: 3, tag: "x" }, { final: true })).toMatchObject({ said: ["pass"] });
});

test("rules come first, and judge again what plugins made of the call", async () => {
  const { supervisor, logged } = supervising();
  const cap = await loaded(supervisor, judging("return ctx.edit({ ...call.args, n: 10 })", "cap"));
  const most = (n: number) =>
    policyOf(
      `version: "1"\ntools: { t: { rules: [{ name: most, conditions: [{ path: args.n, op: lte, value: ${n} }] }] } }\n`,
    );
  const verdict = async (n: number, limit: number) => {
    const { decision, plugins } = await new Counters(most(limit)).rule([cap], call("t", { n }));
    return [decision.verdict, decision.rule?.name, plugins.length];
  };
  expect(await verdict(50, 20)).toEqual(["deny", "most", 0]);
  expect(await verdict(15, 20)).toEqual(["allow", undefined, 1]);
  expect(await verdict(3, 5)).toEqual(["deny", "most", 1]);
  expect(logged).toEqual([]);
});

test("plugins of files that only watch deny, ask and edit nothing", async () => {
  const { supervisor } = supervising();
  const no = await loaded(supervisor, judging("return ctx.deny('no', { 'args.n': call.args.n })", "no"));
  const cap = await loaded(supervisor, judging("return ctx.edit({ n: 10 })", "cap"));
  const ruling = await new Counters().rule(seatsOf([no, cap], true), call("t", { n: 30 }));
  expect(ruling.call.args).toEqual({ n: 30 });
  expect(ruling.decision).toMatchObject({ verdict: "allow", would: { verdict: "deny", message: "no" } });
  expect(ruling.decision.trace).toMatchObject([
    { shadow: true, outcome: "deny", conditions: [{ path: "args.n", op: "found", actual: 30 }] },
    { shadow: true, outcome: "pass", note: "would edit the arguments" },
  ]);
});

test("a plugin is asked only of the tools it is for", async () => {
  const { supervisor } = supervising();
  const judge = await loaded(supervisor, judging("return ctx.deny('no')"), { tools: ["u"] });
  expect(await settled([judge], {})).toMatchObject({ said: [] });
});
