import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import { Policies } from "../../src/gateway/policies.ts";
import { RulesetLoader } from "../../src/judging/load-ruleset.ts";
import { call, folder, judging, write } from "./helpers.ts";

const says = (word: string) =>
  `import { word } from "./lib/word.ts";\nexport default { name: "p", onCall(call, ctx) { return ctx.deny("${word} " + word) } };\n`;

const policy = (entries: readonly object[]) =>
  stringify({ version: "1", plugins: entries.map((entry) => ({ use: "p.ts", ...entry })) });

async function watched(files: Readonly<Record<string, string>>, entries: object[] = [{}]) {
  const root = folder({ ...files, "policy.yaml": policy(entries) });
  const policies = await Policies.open({
    policies: [join(root, "policy.yaml")],
    plugins: [],
    clock: () => 0,
    log: () => {},
  });
  onTestFinished(() => policies.close());
  let heard = 0;
  await policies.watch(() => heard++);
  const message = async (i = 0) => (await policies.current.seats[i]?.plugin.onCall(call("t")))?.message;
  return { root, policies, message, heard: () => heard };
}

test("a saved plugin, or a file that it imports, is in force for the next call", async () => {
  const { root, policies, message } = await watched({
    "p.ts": says("one"),
    "lib/word.ts": 'export const word = "a";',
  });
  expect(await message()).toBe("one a");
  const before = policies.current.seats[0]?.plugin;
  write(root, { "p.ts": says("two") });
  await expect.poll(() => message()).toBe("two a");
  write(root, { "lib/word.ts": 'export const word = "b";' });
  await expect.poll(() => message()).toBe("two b");
  // Saved as editors do: written beside, then renamed over.
  writeFileSync(join(root, "lib/word.tmp"), 'export const word = "c";');
  renameSync(join(root, "lib/word.tmp"), join(root, "lib/word.ts"));
  await expect.poll(() => message()).toBe("two c");
  // A call that is being judged can still ask the version it began with.
  expect((await before?.onCall(call("t")))?.message).toBe("one a");
});

test.each([
  ["does not compile", "\nexport default { name: = };", "p.ts:2:24"],
  ["throws at load", "\nnull.x;", "p.ts:2:6"],
  ["has no hook", 'export default { name: "p" };', "p.ts:1:1"],
  ["imports what it may not", '\n\nimport "fs";', "p.ts:3:8"],
  ["is not there", null, "policy.yaml:3:10"],
])("a version that %s leaves the last good one, and is mended", async (_name, text, place) => {
  const { root, policies, message, heard } = await watched({ "p.ts": judging('return ctx.deny("good")') });
  if (text === null) rmSync(join(root, "p.ts"));
  else write(root, { "p.ts": text });
  await expect.poll(() => policies.problems.length).toBe(1);
  const [problem] = policies.problems;
  expect(`${problem?.file}:${problem?.line}:${problem?.col}`.endsWith(place), JSON.stringify(problem)).toBe(
    true,
  );
  expect(await message()).toBe("good");
  expect(heard()).toBe(1);
  write(root, { "p.ts": judging('return ctx.deny("better")') });
  await expect.poll(() => message()).toBe("better");
  expect(policies.problems).toEqual([]);
});

test("a file that was missing is found when it comes", async () => {
  const { root, policies, message } = await watched({ "p.ts": judging('return ctx.deny("alone")') });
  write(root, {
    "p.ts": 'import { w } from "./w.ts";\nexport default { name: "p", onCall: (call, ctx) => ctx.deny(w) };',
  });
  await expect.poll(() => policies.problems.length).toBe(1);
  write(root, { "w.ts": 'export const w = "with";' });
  await expect.poll(() => message()).toBe("with");
});

test("other plugins stay as they are", async () => {
  const { root, policies, message } = await watched(
    { "p.ts": judging('return ctx.deny("p1")'), "q.ts": judging('return ctx.deny("q1")', "q") },
    [{}, { use: "q.ts" }],
  );
  const q = policies.current.seats[1]?.plugin;
  write(root, { "p.ts": judging('return ctx.deny("p2")') });
  await expect.poll(() => message(0)).toBe("p2");
  expect(policies.current.seats[1]?.plugin).toBe(q);
  expect(await message(1)).toBe("q1");
});

test("what cannot be loaded is all listed, with its settings' mistakes at their places in the policy", async () => {
  const root = folder({
    "a.ts": "export default 1",
    "b.ts": 'export default { name: "b", config: { n: { type: "integer" } }, onCall() {} }',
    "c.ts": judging(""),
    "p.yaml": `version: "1"
plugins:
  - use: a.ts
  - use: b.ts
    config:
      n: "1"
      m: 2
  - use: c.ts
  - use: d.ts
`,
  });
  const loader = new RulesetLoader();
  onTestFinished(() => loader.close());
  const loaded = await loader.load({ policies: ["p.yaml"], cwd: root });
  if (loaded.ok) throw new Error("it loads");
  expect(loaded.problems.map((p) => `${p.file}:${p.line}:${p.col} ${p.message} | ${p.help}`)).toEqual([
    "a.ts:1:1 the default export is no plugin | write export default { name, onCall } satisfies Plugin",
    'p.yaml:6:10 n must be a number, not "1" | write a whole number',
    'p.yaml:7:7 unknown setting "m" | one of n. Did you mean "n"?',
    "p.yaml:9:10 d.ts: no such file | check the path; it is relative to the policy",
  ]);
});

test("a plugin on the command line is loaded without a policy that names it", async () => {
  const root = folder({ "c.ts": judging("return ctx.deny('c')"), "p.yaml": 'version: "1"\n' });
  const loader = new RulesetLoader();
  onTestFinished(() => loader.close());
  const loaded = await loader.load({ policies: ["p.yaml"], plugins: ["c.ts"], cwd: root });
  expect(loaded.ok && loaded.ruleset.seats.map(({ plugin }) => plugin.name)).toEqual(["p"]);
  const missing = await loader.load({ policies: ["p.yaml"], plugins: ["e.ts"], cwd: root });
  expect(!missing.ok && missing.problems).toMatchObject([{ file: "e.ts", message: "e.ts: no such file" }]);
});

test("of versions that were saved one after the other only some are kept", async () => {
  const { root, policies, message } = await watched({ "p.ts": judging('return ctx.deny("0")') });
  const first = policies.current.seats[0]?.plugin;
  for (let n = 1; n <= 22; n++) {
    write(root, { "p.ts": judging(`return ctx.deny("${n}")`) });
    await policies.reload();
  }
  expect(await message()).toBe("22");
  expect((await first?.onCall(call("t")))?.failure?.kind).toBe("unknown");
});
