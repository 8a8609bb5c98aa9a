import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadPlugin } from "../../src/plugins/load.ts";
import { call, folder, judging, listed, load, loaded, spec, supervising } from "./helpers.ts";

const { supervisor: shared } = await sharedSupervisor();

/** One host for all tests of this file: none of them harms it. */
async function sharedSupervisor() {
  const { Supervisor } = await import("../../src/plugins/supervisor.ts");
  const { afterAll } = await import("vitest");
  const supervisor = new Supervisor();
  afterAll(() => supervisor.close());
  return { supervisor };
}

const WRONG: Record<string, readonly [files: Record<string, string> | string, problem: string]> = {
  "TypeScript that is none": [
    "const a: number = ;\nexport default {}",
    "p.ts:1:19 Expression expected | mend the code here",
  ],
  "an enum": [
    "\nenum A { B }\n",
    "p.ts:2:1 TypeScript enum is not supported in strip-only mode | types are taken out",
  ],
  "JavaScript that is none": [
    { "p.js": "\nlet y = 1 1;" },
    "p.js:2:11 SyntaxError: Unexpected number | mend the code here",
  ],
  "a package": [
    '\nimport x from "lodash";\n',
    'p.ts:2:15 "lodash" cannot be imported | a plugin has no packages and no I/O',
  ],
  "a module of Node": ['import { readFileSync } from "node:fs";', 'p.ts:1:30 "node:fs" cannot be imported'],
  "an absolute path": ['import "/etc/passwd";', 'p.ts:1:8 "/etc/passwd" cannot be imported'],
  "a URL": ['import "https://example.org/x.js";', 'p.ts:1:8 "https://example.org/x.js" cannot be imported'],
  "the types as values": [
    'import { Plugin } from "callgate/plugin";',
    'p.ts:1:24 "callgate/plugin" has types only | write import type',
  ],
  "a file that is not there": ['import "./no.ts";', 'p.ts:1:8 there is no file "./no.ts" | check the path'],
  "a file without its extension": [
    { "p.ts": 'export * from "./lib";', "lib.ts": "export {}" },
    'p.ts:1:15 there is no file "./lib" | write the extension: ./lib.ts',
  ],
  "a file that is no code": [
    { "p.ts": 'import "./data.json";', "data.json": "{}" },
    'p.ts:1:8 "./data.json" is no .ts or .js file',
  ],
  "a mistake in an imported file": [
    { "p.ts": 'import { a } from "./lib/a.ts";', "lib/a.ts": "export const a = 1;\nconst b = = 2;" },
    "lib/a.ts:2:11 Expression expected | mend the code here",
  ],
  "an export that is not there": [
    {
      "p.ts": '\nimport { a, bee } from "./a.ts";\nexport default { name: "p", onCall() { bee } };',
      "a.ts": "export const a = 1;",
    },
    'p.ts:2:13 "./a.ts" does not export bee | export it there; or, if it is a type, write import type { bee }',
  ],
  "a throwing top level": [
    "\n\n  null.x;",
    "p.ts:3:8 it cannot be loaded: it threw TypeError: Cannot read properties of null (reading 'x') | mend the code here",
  ],
  "no default export": [
    "export const a = 1;",
    "p.ts:1:1 the default export is no plugin | write export default",
  ],
  "no name": ["export default { onCall() {} };", "p.ts:1:1 name must be text | see docs/plugins.md"],
  "a name with spaces": [
    'export default {\n  name: "My Plugin",\n  onCall() {} };',
    "p.ts:2:3 name must be lower-case letters",
  ],
  "no hook": ['export default { name: "p" };', "p.ts:1:1 the plugin does nothing | give it onCall"],
  "a hook that is misspelt": [
    'export default { name: "p",\n  oncall() {} };',
    'p.ts:2:3 a plugin has no "oncall" | one of name, description, config, counters, commands, onCall, onResult, onTools. Did you mean "onCall"?',
  ],
  "a hook that is no function": [
    'export default { name: "p",\n  onCall: 1 };',
    "p.ts:2:3 onCall is not a function | write onCall(...) { ... }",
  ],
  "a setting of no type": [
    'export default { name: "p", onCall() {},\n  config: { open: { type: "time" } } };',
    "p.ts:2:21 config.open.type: type must be string, number, integer, boolean, array or object",
  ],
  "a counter without a window": [
    'export default { name: "p", onCall() {},\n  counters: { spend: { window: "dayly" } } };',
    'p.ts:2:15 unknown window "dayly" | one of minute, hour, day',
  ],
  "a command that cannot run": [
    'export default { name: "p",\n  commands: { open: { help: "x" } } };',
    'p.ts:2:15 command "open" has no run',
  ],
  "settings nested without end": [
    'let d = { type: "string" };\nfor (let i = 0; i < 1000; i++) d = { type: "array", items: d };\nexport default { name: "p", config: { d }, onCall() {} };',
    "p.ts:1:1 it cannot be loaded: its answer is malformed: it is nested deeper than 256",
  ],
  "more to say of itself than anybody reads": [
    'export default { name: "p", description: "x".repeat(1e5), onCall() {} };',
    "p.ts:1:1 it cannot be loaded: what it says of itself is too long",
  ],
  "a command that nobody can type": [
    'export default { name: "p",\n  commands: { "do it": { help: "x", run() {} } } };',
    "a command's name is lower-case letters, digits and dashes",
  ],
  "no file at all": [{ "q.ts": "" }, "p.ts:1:1 no such file | check the path after use:"],
  "another kind of file": [{ "p.ts": "" }, "p.ts:1:1 the default export is no plugin"],
};

for (const [name, [files, problem]] of Object.entries(WRONG)) {
  test(`${name}: the place, what is wrong and what to do`, async () => {
    const use = typeof files !== "string" && "p.js" in files ? "p.js" : "p.ts";
    const loading = await load(shared, files, { use });
    expect(loading.plugin).toBeNull();
    expect(listed(loading)[0]).toSatisfy(
      (text: string) => text.includes(problem),
      `${listed(loading)} to include ${problem}`,
    );
  });
}

test("all mistakes are listed, not the first", async () => {
  const loading = await load(shared, {
    "p.ts": 'import "fs";\nimport "./a.ts";\n',
    "a.ts": 'import "net";\nimport "./b.ts";',
  });
  expect(listed(loading).map((text) => text.split(" | ")[0])).toEqual([
    'p.ts:1:8 "fs" cannot be imported',
    'a.ts:1:8 "net" cannot be imported',
    'a.ts:2:8 there is no file "./b.ts"',
  ]);
});

test("a file outside the plugin's folder is not imported, by dots or by a link", async () => {
  const root = folder({ "in/p.ts": 'import "../out.ts";\nimport "./link.ts";', "out.ts": "export {}" });
  symlinkSync(join(root, "out.ts"), join(root, "in/link.ts"));
  const loading = await loadPlugin(shared, spec(root, { use: "in/p.ts" }), undefined, root);
  expect(listed(loading).map((text) => text.split(" | ")[0])).toEqual([
    'in/p.ts:1:8 "../out.ts" is outside the plugin\'s folder',
    'in/p.ts:2:8 "./link.ts" is outside the plugin\'s folder',
  ]);
});

test("a folder or a pipe is no file of a plugin, and nobody waits for what it has to say", async () => {
  const root = folder({ "p.ts": 'import "./pipe.ts";\nimport "./folder.ts";', "folder.ts/a": "" });
  execFileSync("mkfifo", [join(root, "pipe.ts")]);
  const loading = await loadPlugin(shared, spec(root, {}), undefined, root);
  expect(listed(loading).map((text) => text.split(" | ")[0])).toEqual([
    "pipe.ts:1:1 it is no file",
    "folder.ts:1:1 it is no file",
  ]);
});

test("code nested too deep for what takes types out does not keep others from being loaded", async () => {
  const deep = `export default { name: "p", onCall() { return ${"(".repeat(1e5)}1${")".repeat(1e5)} } };`;
  const loading = await load(shared, deep);
  expect(listed(loading)[0]).toMatch(/^p\.ts:1:1 its host ended .*code that is nested so deep/);
  await loaded(shared, judging(""));
});

test("a plugin that could not be given its settings is not loaded", async () => {
  const { supervisor } = supervising();
  const { ask } = supervisor;
  supervisor.ask = (verb, ...rest) => {
    if (verb === "configure")
      for (let i = 0; i < 66_000; i++) void ask.call(supervisor, "unload", 0, 1, "{}");
    return ask.call(supervisor, verb, ...rest);
  };
  const text = 'export default { name: "p", config: { max: { type: "number", default: 1 } }, onCall() {} };';
  const loading = await load(supervisor, text);
  expect(loading.plugin).toBeNull();
  expect(listed(loading)[0]).toContain("too many calls wait for plugins");
});

test("a host that ends while a plugin is loaded does not keep it from being loaded", async () => {
  const { supervisor } = supervising();
  const hostile = await loaded(supervisor, judging("new Array(1e9).fill(1)", "hostile"), { timeout: "10ms" });
  const { ask } = supervisor;
  supervisor.ask = (verb, ...rest) => {
    if (verb === "configure") void hostile.onCall(call("t"));
    return ask.call(supervisor, verb, ...rest);
  };
  const plugin = await loaded(
    supervisor,
    'export default { name: "p", config: { max: { type: "number", default: 7 } }, onCall(_, ctx) { return ctx.deny(String(ctx.config.max)) } };',
  );
  expect((await plugin.onCall(call("t"))).message).toBe("7");
});

test("types, imports of types and several files: positions are those of the TypeScript", async () => {
  const plugin = await loaded(shared, {
    "p.ts": `import type { Plugin } from "callgate/plugin";
import { limit, type Limit } from "./lib/limit.ts";
interface Config { readonly max: number }
export default {
  name: "p",
  onCall(call, ctx) {
    const size = call.args.size as number;
    if (size > limit(1 satisfies Limit)) return ctx.deny("too big");
    if (size < 0) return (undefined as unknown as { x: never }).x;
  },
} satisfies Plugin<Config>;
`,
    "lib/limit.ts":
      'export type Limit = number;\nimport { ten } from "./ten.js";\nexport const limit = (n: Limit): number => ten * n;\n',
    "lib/ten.js": "export const ten = 10;\n",
  });
  expect(await plugin.onCall(call("t", { size: 5 }))).toMatchObject({ verdict: "allow" });
  expect(await plugin.onCall(call("t", { size: 11 }))).toMatchObject({
    verdict: "deny",
    place: { file: "p.ts", line: 8, col: 53 },
  });
  const failed = await plugin.onCall(call("t", { size: -1 }));
  expect(failed.message).toBe(
    "Plugin \"p\" could not judge this: it threw TypeError: Cannot read properties of undefined (reading 'x') (p.ts:9:65)",
  );
  expect(failed.place).toEqual({ file: "p.ts", line: 9, col: 65 });
});

test("the hash is of all files' texts and names, and of nothing else", async () => {
  const files = {
    "p.ts": 'import { a } from "./a.ts";\nexport default { name: "p", onCall() { a } };',
    "a.ts": "export const a = 1;",
  };
  const { hash } = await loaded(shared, files);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect((await loaded(shared, { ...files, "b.ts": "" })).hash).toBe(hash);
  expect((await loaded(shared, { ...files, "a.ts": "export const a = 2;" })).hash).not.toBe(hash);
  expect((await loaded(shared, files, { config: {}, timeout: "1s" })).hash).toBe(hash);
});

test("clock, chance and zone are the call's own", async () => {
  const body =
    "return ctx.deny(JSON.stringify([Date.now(), new Date().toISOString(), ctx.now, ctx.random(), Math.random(), ctx.time, ctx.timeIn('Asia/Tokyo').time, new Intl.DateTimeFormat('en-GB', { dateStyle: 'short' }).format(), new Date(0).getTimezoneOffset(), Date().slice(0, 15), new (class extends Date {})().getTime()]))";
  const one = await loaded(shared, judging(body));
  const { supervisor } = supervising();
  const two = await loaded(supervisor, judging(body));
  const made = call("t", { n: 1 });
  const first = await one.onCall(made);
  expect(first.message).toContain('2026-07-28T09:05:00.000Z",1785229500000');
  expect(first.message).toContain(
    '{"time":"09:05","hour":9,"minute":5,"weekday":"tue","date":"2026-07-28"},"18:05","28/07/2026",0,"Tue Jul 28 2026",1785229500000',
  );
  await one.onCall(call("t", { n: 2 }));
  for (const plugin of [one, two]) expect(await plugin.onCall(made)).toEqual(first);
  const other = JSON.parse((await one.onCall(call("t", { n: 2 }))).message);
  expect(other[3]).not.toBe(JSON.parse(first.message)[3]);
});

test("the policy's time zone is that of ctx.time", async () => {
  const root = folder({ "p.ts": judging("return ctx.deny(ctx.time.time + ctx.time.weekday)") });
  const { plugin } = await loadPlugin(
    shared,
    { ...spec(root, {}), timezone: "Asia/Kolkata" },
    undefined,
    root,
  );
  expect((await plugin?.onCall(call("t")))?.message).toBe("14:35tue");
});

test("lines of ctx.log and console go to the log, within limits", async () => {
  const lines: string[] = [];
  const body =
    'ctx.log("a", { b: 1 }, undefined); console.warn("c"); if (call.args.n) { for (let i = 0; i < 99; i++) console.log("x".repeat(999)); null.x }';
  const plugin = await loaded(shared, judging(body), {}, (name, some) =>
    lines.push(...some.map((line) => `${name}: ${line}`)),
  );
  await plugin.onCall(call("t"));
  expect(lines).toEqual(['p: a {"b":1} undefined', "p: c"]);
  await plugin.onCall(call("t", { n: 1 }));
  await loaded(shared, judging("ctx.log(1n, { toJSON() { throw 1 } })"), {}, (_name, some) =>
    lines.push(...some),
  ).then((odd) => odd.onCall(call("t")));
  expect(lines.pop()).toBe("1n (what cannot be shown)");
  expect(lines).toHaveLength(22);
  expect(Math.max(...lines.map((line) => line.length))).toBe(503);
});

test("tools: names, globs, and names that a server may take for the same", async () => {
  const plugin = await loaded(shared, judging(""), { tools: ["create_*", "pay"] });
  expect(["create_charge", "pay", "PAY", "Create_Charge"].map((tool) => plugin.appliesTo(tool))).toEqual(
    Array(4).fill(true),
  );
  expect(plugin.appliesTo("list_charges")).toBe(false);
});
