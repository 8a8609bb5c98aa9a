import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import type { LoadedPlugin, Opinion } from "../../src/plugins/plugin.ts";
import { call, folder, judging, load, loaded, supervising } from "./helpers.ts";

/** Body of `onCall`, and what the denial says. */
const CORPUS: Record<string, readonly [body: string, reason: RegExp]> = {
  "an endless loop": ["for (;;);", /it ran longer than 200 ms \(p\.ts:1:\d+\)/],
  "a native loop that no isolate timeout stops": [
    "new Array(1e9).fill(1)",
    /did not stop after 200 ms, and its host was ended|more than 64 MB|host (ran out of memory|was ended by)/,
  ],
  "a regular expression that backtracks for ever": [
    '/^(a+)+$/.test("a".repeat(60) + "b")',
    /it ran longer than 200 ms \(p\.ts:1:\d+\)/,
  ],
  "memory in small objects": [
    "const all = []; for (;;) all.push({ a: [all.length] })",
    /memory|ran longer|did not stop|host/,
  ],
  "memory in arrays": [
    "const all = []; for (;;) all.push(new Array(1000).fill({}))",
    /memory|ran longer|did not stop|host/,
  ],
  "memory in buffers": [
    "const all = []; for (;;) all.push(new ArrayBuffer(1e8))",
    /memory|ran longer|RangeError|host/,
  ],
  "memory in one buffer": [
    "return ctx.deny(String(new Uint8Array(2 ** 33).length))",
    /RangeError|memory|host/,
  ],
  "memory in text that doubles": [
    'let text = "x"; for (;;) text += text',
    /RangeError: Invalid string length|memory|host/,
  ],
  "memory in text that is flattened": [
    'let text = "x".repeat(2 ** 28); return { verdict: "deny", message: [...text].join("") }',
    /memory|ran longer|did not stop|host|RangeError/,
  ],
  "memory in a sparse array": [
    "const all = []; all[2 ** 31] = 1; all.sort(); for (let i = 0; ; i++) all[i * 7919] = [i]",
    /memory|ran longer|did not stop|host/,
  ],
  "memory in a map": [
    "const all = new Map(); for (let i = 0; ; i++) all.set(i, [i])",
    /memory|ran longer|did not stop|host|RangeError/,
  ],
  "endless recursion": [
    "const dig = () => dig() + 1; dig()",
    /RangeError: Maximum call stack size exceeded \(p\.ts:1:\d+\)/,
  ],
  "a thrown text": ['throw "no"', /it threw "no"/],
  "thrown nothing": ["throw undefined", /it threw undefined/],
  "a thrown error": [
    "null.x",
    /it threw TypeError: Cannot read properties of null \(reading 'x'\) \(p\.ts:1:\d+\)/,
  ],
  "an error whose message loops": ["throw { get message() { for (;;); } }", /ran longer/],
  "an error whose stack loops": [
    'const e = new Error("x"); Object.defineProperty(e, "stack", { get() { for (;;); } }); throw e',
    /ran longer/,
  ],
  "an error whose name throws": ['throw { get name() { throw 1 }, message: "boo" }', /it threw boo/],
  "an error of which nothing can be read": [
    "throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 }, has() { throw 3 } })",
    /an error that cannot be shown/,
  ],
  "an error whose toString loops": [
    "throw { toString() { for (;;); }, message: { toString() { for (;;); } } }",
    /cannot be shown/,
  ],
  "a looping prepareStackTrace": [
    "Error.prepareStackTrace = () => { for (;;); }; throw new Error()",
    /TypeError: Cannot add property prepareStackTrace/,
  ],
  "an error class whose own prepareStackTrace loops": [
    "class Own extends Error { static prepareStackTrace() { for (;;); } } throw new Own('x')",
    /it threw Error: x|ran longer/,
  ],
  "a returned getter that loops": ['return { verdict: "deny", get message() { for (;;); } }', /ran longer/],
  "a returned getter that throws": [
    'return { get verdict() { throw new Error("no") } }',
    /it threw Error: no/,
  ],
  "a returned proxy": [
    "return new Proxy({}, { get() { for (;;); }, ownKeys() { for (;;); } })",
    /ran longer/,
  ],
  "a returned toJSON": ["return { toJSON() { for (;;); } }", /ran longer/],
  "a returned cycle": [
    "const a = {}; a.a = a; return a",
    /it threw TypeError: Converting circular structure/,
  ],
  "a returned BigInt": ["return 1n", /it threw TypeError: Do not know how to serialize a BigInt/],
  "a returned function": ["return () => {}", /it answered with a function/],
  "a returned symbol": ["return Symbol.iterator", /it answered with a symbol/],
  "a returned truth": ["return true", /malformed: onCall returns nothing, or what ctx\.deny/],
  "a returned null": ["return null", /malformed/],
  "a returned unknown verdict": ['return { verdict: "permit" }', /malformed/],
  "edited arguments that are none": [
    'return { verdict: "edit", args: [1] }',
    /malformed: args must be an object/,
  ],
  "edited arguments nested without end": [
    "let deep = 1; for (let i = 0; i < 300; i++) deep = [deep]; return ctx.edit({ deep })",
    /malformed: it is nested deeper than 256/,
  ],
  "evidence nested without end": [
    "let deep = 1; for (let i = 0; i < 3000; i++) deep = { deep }; return ctx.deny('m', { deep })",
    /malformed: it is nested deeper than 256/,
  ],
  "a denial without a message": ['return { verdict: "deny" }', /malformed: message must be text/],
  "100 MB of text": ['return ctx.deny("x".repeat(1e8))', /^x{2000}$|ran longer|memory/],
  "100 MB of text in its own verdict": [
    'return { verdict: "deny", message: "x".repeat(1e8) }',
    /memory|too long|host|ran longer/,
  ],
  "100 MB of evidence": ['return ctx.deny("m", { e: "x".repeat(3e7) })', /memory|too long|ran longer|host/],
  "a promise that never settles": [
    "return new Promise(() => {})",
    /it answered with a promise, and hooks are synchronous/,
  ],
  "a promise that settles for ever": [
    "const next = () => { Promise.resolve().then(next) }; next()",
    /ran longer|did not stop/,
  ],
  "a promise that is rejected with something hostile": [
    "Promise.reject({ get message() { for (;;); }, get stack() { for (;;); } })",
    /it threw|ran longer|did not stop/,
  ],
  "an endless log": ["for (;;) console.log('x'.repeat(1e5))", /ran longer|memory/],
  "counters without end": [
    "for (let i = 0; ; i++) ctx.counter('c', i)",
    /RangeError: (counter c is not declared|a call reads)/,
  ],
};

const fine = judging('if (call.args.bad) return ctx.deny("bad")', "fine");

async function isServing(plugin: LoadedPlugin): Promise<void> {
  expect(await plugin.onCall(call("t"))).toMatchObject({ verdict: "allow", failure: null });
  expect(await plugin.onCall(call("t", { bad: true }))).toMatchObject({
    verdict: "deny",
    message: "bad",
    failure: null,
  });
}

for (const [name, [body, reason]] of Object.entries(CORPUS)) {
  test(`${name}: that call is denied and says why, others are not touched`, async () => {
    const { supervisor } = supervising();
    const other = await loaded(supervisor, fine);
    const hostile = await loaded(supervisor, judging(`if (call.tool === "hit") { ${body} }`), {
      timeout: "200ms",
    });
    const start = performance.now();
    const during = [...Array(8)].map(() => other.onCall(call("t")));
    const own = hostile.onCall(call("quiet"));
    const hit = hostile.onCall(call("hit"));
    const after = [...Array(8)].map(() => other.onCall(call("t", { bad: true })));
    const ownAfter = hostile.onCall(call("quiet"));
    const opinion = await hit;
    expect(opinion.verdict).toBe("deny");
    expect(opinion.message).toMatch(reason);
    for (const each of [...during, own, ownAfter])
      expect(await each).toMatchObject({ verdict: "allow", failure: null });
    for (const each of after)
      expect(await each).toMatchObject({ verdict: "deny", message: "bad", failure: null });
    expect(performance.now() - start).toBeLessThan(3_000);
    await isServing(other);
    expect(await hostile.onCall(call("quiet"))).toMatchObject({ verdict: "allow" });
  });
}

/** Runs text in a plugin and returns what it says. */
async function said(body: string): Promise<string> {
  const { supervisor } = supervising();
  const plugin = await loaded(supervisor, judging(`return ctx.deny(String((() => { ${body} })()))`));
  return (await plugin.onCall(call("t"))).message;
}

test.each([
  "process",
  "require",
  "module",
  "WebAssembly",
  "SharedArrayBuffer",
  "Atomics",
  "eval",
  "Function",
  "WeakRef",
  "FinalizationRegistry",
  "setTimeout",
  "fetch",
  "Buffer",
  "performance",
  "structuredClone",
  "queueMicrotask",
  "gc",
  "ivm",
])("there is no %s", async (name) => {
  expect(await said(`return typeof ${name}`)).toBe("undefined");
});

test.each([
  "[].constructor.constructor",
  "(() => {}).constructor",
  "(async () => {}).constructor",
  "(function* () {}).constructor",
  "(async function* () {}).constructor",
  "ctx.deny.constructor",
  "ctx.constructor.constructor",
  "console.log.constructor",
  "Object.getPrototypeOf(class {}).constructor",
  "Reflect.get(Function_, 'constructor')",
])("no text becomes code through %s", async (path) => {
  expect(
    await said(
      `const Function_ = (() => {}); const make = ${path}; return make === undefined ? "none" : typeof make`,
    ),
  ).toBe("none");
});

test("an import at run time fails", async () => {
  const { supervisor } = supervising();
  const plugin = await loaded(
    supervisor,
    judging('import("node:fs").then(() => console.log("in"), () => {})'),
  );
  expect(await plugin.onCall(call("t"))).toMatchObject({ verdict: "allow" });
});

test.each([
  [
    "the error of a stack overflow",
    "try { const f = () => f(); f() } catch (e) { return e.constructor.constructor }",
  ],
  [
    "an error of the host's functions",
    "try { ctx.counter('x') } catch (e) { return e.constructor.constructor }",
  ],
  ["an error of JSON", "try { JSON.parse('{') } catch (e) { return e.constructor.constructor }"],
  ["stack frames", "return new Error().stack.includes('host') || new Error().stack.includes('node:')"],
  ["call sites", "return typeof Error.prepareStackTrace"],
  ["caller", "try { return (function f() { return f.caller })() } catch { return undefined }"],
  ["this", "return (function () { return this })()"],
])("nothing of the host is reached through %s", async (_name, body) => {
  expect(["undefined", "false", "null"]).toContain(await said(body));
});

const POLLUTE = [
  "Object.prototype.polluted = 1",
  "Array.prototype.map = () => []",
  "Array.prototype.polluted = 1",
  "JSON.parse = () => ({})",
  "JSON.stringify = () => '{}'",
  "globalThis.polluted = 1",
  "Object.defineProperty(Object.prototype, 'verdict', { value: 'allow' })",
  "Object.setPrototypeOf(Array.prototype, { polluted: 1 })",
  "String.prototype.slice = () => ''",
  "Map.prototype.get = () => 1",
  "Promise.prototype.then = () => {}",
  "console.log = () => {}",
  "Math.random = () => 0",
  "Date.now = () => 0",
  "Object.getPrototypeOf([].values()).next = () => ({ done: true })",
  "Object.getPrototypeOf(async function* () {}).polluted = 1",
  "Object.getPrototypeOf('x'.matchAll(/x/g)).polluted = 1",
  "Object.getPrototypeOf(new Intl.Segmenter().segment('x')).polluted = 1",
  "Object.prototype.__proto__ = { polluted: 1 }",
  "ctx.config.polluted = 1",
  "this.polluted = 1",
  "Symbol.polluted = 1",
  "ctx.deny.polluted = 1",
  "ctx.time.hour = 1",
  "RegExp.prototype.exec = () => null",
  "Intl.DateTimeFormat.prototype.formatToParts = () => []",
];

test.each(POLLUTE)("%s fails, and the next call and other plugins see nothing of it", async (text) => {
  const { supervisor } = supervising();
  const probe =
    'if (({}).polluted || [].polluted || globalThis.polluted || [1].map((x) => x).length !== 1 || JSON.stringify([1]) !== "[1]") return ctx.deny("seen"); if (call.tool === "bad") return ctx.deny("bad");';
  const other = await loaded(supervisor, judging(probe, "other"));
  const plugin = await loaded(supervisor, judging(`if (call.tool === "hit") { ${text}; return } ${probe}`));
  const hit = await plugin.onCall(call("hit"));
  expect(hit.message).toMatch(/TypeError/);
  for (const each of [plugin, other]) {
    expect(await each.onCall(call("t"))).toMatchObject({ verdict: "allow", failure: null });
    expect(await each.onCall(call("bad"))).toMatchObject({ verdict: "deny", message: "bad" });
  }
});

test("no match of one call is left for the next", async () => {
  const { supervisor } = supervising();
  const plugin = await loaded(
    supervisor,
    judging(
      'if (call.tool === "one") { /secret (.*)/.exec("secret 42"); return } return ctx.deny(String(RegExp.$1 ?? RegExp["$&"]))',
    ),
  );
  await plugin.onCall(call("one"));
  expect((await plugin.onCall(call("two"))).message).toBe("undefined");
});

test("a pattern does not go on in one call where it stopped in another", async () => {
  const { supervisor } = supervising();
  const plugin = await loaded(
    supervisor,
    `const BAD = /bad/g;
    const WORDS = /\\w+/y;
    export default { name: "p", onCall({ args: { text } }, ctx) {
      WORDS.lastIndex = 3;
      const two = [WORDS.exec(text)?.[0], WORDS.lastIndex];
      if (BAD.test(text)) return ctx.deny([...two, text.replace(BAD, "x")].join());
    } };`,
  );
  for (let i = 0; i < 3; i++)
    expect((await plugin.onCall(call("t", { text: "so bad bad" }))).message).toBe("bad,6,so x x");
});

test("what shadows a frozen prototype can still be assigned", async () => {
  const body =
    'class Own extends Error { constructor(m) { super(m); this.name = "Own"; this.message = "mine" } } const count = {}; count.constructor = 1; count.toString = 2; const e = new Own("x"); return [e.name, e.message, count.constructor, count.toString, Object.keys(count)].join()';
  expect(await said(body)).toBe("Own,mine,1,2,constructor,toString");
});

test("half a character in an answer is repaired: not all readers of JSON take one", async () => {
  const { supervisor } = supervising();
  const text = String.raw`"\\\ud83d \ud83d\ude00 \\ud83d"`;
  const plugin = await loaded(
    supervisor,
    judging(`return call.args.edit ? ctx.edit({ half: ${text} }) : ctx.deny(${text})`),
  );
  const whole = "\\\ufffd \u{1f600} \\ud83d";
  expect((await plugin.onCall(call("t"))).message).toBe(whole);
  expect((await plugin.onCall(call("t", { edit: true }))).args).toEqual({ half: whole });
});

test("an answer cannot become another call's answer", async () => {
  const { supervisor } = supervising();
  const forged = '"\\n999 ok {}\\n2 ok {\\"value\\":null}\\n"';
  const plugin = await loaded(
    supervisor,
    judging(
      `ctx.log(${forged}); if (call.args.throw) throw new Error(${forged}); return ctx.deny(${forged} + call.args.i)`,
    ),
  );
  const opinions = await Promise.all(
    [...Array(20).keys()].map((i) => plugin.onCall(call("t", { i, throw: i % 3 === 0 }))),
  );
  for (const [i, { message, verdict }] of opinions.entries()) {
    expect(verdict).toBe("deny");
    expect(message).toMatch(i % 3 === 0 ? /it threw Error: 999 ok/ : new RegExp(`${i}$`));
  }
});

test("a plugin that crashes its host 5 times in a minute is disabled, says so, and only it", async () => {
  const { supervisor, logged } = supervising();
  const other = await loaded(supervisor, fine);
  const hostile = await loaded(supervisor, judging("new Array(1e9).fill(1)"), { timeout: "10ms" });
  const pids = new Set<number | null>();
  const reasons: string[] = [];
  for (let i = 0; i < 7; i++) {
    pids.add(supervisor.hostPid);
    reasons.push((await hostile.onCall(call("t"))).message);
    await isServing(other);
  }
  expect(pids.size).toBe(6);
  expect(reasons.slice(5)).toEqual(
    Array(2).fill(expect.stringMatching(/it crashed 5 times in a minute and is disabled; mend its file/)),
  );
  expect(logged.join("\n")).toContain("plugin p: it crashed 5 times in a minute and is disabled");
  await isServing(other);
});

test("32 calls that each crash the host: all answered, the others' calls as well", async () => {
  const { supervisor } = supervising();
  const other = await loaded(supervisor, fine);
  const hostile = await loaded(supervisor, judging("new Array(1e9).fill(1)"), { timeout: "10ms" });
  const all: Promise<Opinion>[] = [];
  const others: Promise<Opinion>[] = [];
  for (let i = 0; i < 32; i++) {
    all.push(hostile.onCall(call("t")));
    others.push(other.onCall(call("t", { bad: true })));
  }
  const opinions = await Promise.all(all);
  expect(opinions.every(({ verdict }) => verdict === "deny")).toBe(true);
  expect(opinions.filter(({ failure }) => failure?.kind === "disabled").length).toBe(27);
  for (const each of others)
    expect(await each).toMatchObject({ verdict: "deny", message: "bad", failure: null });
});

test("on_error: allow lets a call pass that the plugin could not judge, and still says why", async () => {
  const { supervisor } = supervising();
  for (const body of ["null.x", "for (;;);", "return 7", "new Array(1e9).fill(1)"]) {
    const plugin = await loaded(supervisor, judging(body), { on_error: "allow", timeout: "20ms" });
    const opinion = await plugin.onCall(call("t"));
    expect(opinion.verdict).toBe("allow");
    expect(opinion.failure).not.toBeNull();
  }
});

test.each([
  ["loops", "for (;;);", /it ran longer than 1000 ms/],
  ["throws", "\n  null.x", /^it cannot be loaded: it threw TypeError: Cannot read properties of null/],
  [
    "throws something hostile",
    "throw { get message() { for (;;); } }",
    /it did not stop after 1000 ms|it threw/,
  ],
  [
    "fills memory",
    "const a = []; for (;;) a.push(new Array(1000).fill({}))",
    /memory|did not stop|host|longer/,
  ],
  ["never ends", "await new Promise(() => {})", /default|Cannot access|no plugin/],
])("a plugin whose top level %s is not loaded, and others go on", async (_name, top, reason) => {
  const { supervisor } = supervising();
  const other = await loaded(supervisor, fine);
  const { plugin, problems } = await load(supervisor, `${top};\nexport default { name: "p", onCall() {} };`);
  expect(plugin).toBeNull();
  expect(problems.map(({ message }) => message).join()).toMatch(reason);
  await isServing(other);
});

test("the host has an empty environment and no handles but its pipes", async () => {
  const { supervisor } = supervising();
  await loaded(supervisor, fine);
  const { readFileSync, readdirSync, readlinkSync } = await import("node:fs");
  const root = `/proc/${supervisor.hostPid}`;
  const env = readFileSync(`${root}/environ`, "utf8").split("\0").filter(Boolean).sort();
  expect(env).toEqual(["LC_ALL=en_US.UTF-8", "TZ=UTC"]);
  const handles = readdirSync(`${root}/fd`).map((fd) => readlinkSync(`${root}/fd/${fd}`));
  const own = handles.filter((target) => !/^(anon_inode|pipe|\/dev\/null)/.test(target));
  expect(own.filter((target) => target.startsWith("socket:"))).toHaveLength(3);
  expect(own.filter((target) => !target.startsWith("socket:"))).toEqual([]);
});

test("the host ends when the gateway is killed, whatever it is at", async () => {
  const root = folder({ "p.ts": judging("for (;;);") });
  const url = (path: string) => JSON.stringify(new URL(`../../src/plugins/${path}`, import.meta.url).href);
  const script = `
    const { Supervisor } = await import(${url("supervisor.ts")});
    const { loadPlugin } = await import(${url("load.ts")});
    const { pluginEntry } = await import(${url("../policy/schema/plugins.ts")});
    const supervisor = new Supervisor();
    const { plugin } = await loadPlugin(supervisor, { ...pluginEntry.parse({ use: "p.ts" }), folder: ${JSON.stringify(root)}, timezone: "UTC", timeout: 1000 });
    console.log(supervisor.hostPid);
    plugin.onCall({ tool: "t", args: {}, upstream: "", agent: "", session: "", time: 0 });
  `;
  const gateway = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = await new Promise<number>((resolve) =>
    gateway.stdout.once("data", (text) => resolve(Number(text))),
  );
  expect(isThere(pid)).toBe(true);
  gateway.kill("SIGKILL");
  await expect.poll(() => isThere(pid), { timeout: 5_000 }).toBe(false);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("the host ends when the gateway does", async () => {
  const { supervisor } = supervising();
  await loaded(supervisor, fine);
  const pid = supervisor.hostPid ?? 0;
  supervisor.close();
  await expect.poll(() => isThere(pid)).toBe(false);
});
