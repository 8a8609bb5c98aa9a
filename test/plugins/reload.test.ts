import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Plugins } from "../../src/plugins/plugins.ts";
import { call, folder, judging, spec, supervising, write } from "./helpers.ts";

const says = (word: string) =>
  `import { word } from "./lib/word.ts";\nexport default { name: "p", onCall(call, ctx) { return ctx.deny("${word} " + word) } };\n`;

async function watched(files: Readonly<Record<string, string>>, entries: object[] = [{}]) {
  const root = folder(files);
  const { supervisor } = supervising();
  const loaded = await Plugins.load(
    supervisor,
    entries.map((entry) => spec(root, entry)),
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.troubles));
  const { plugins } = loaded;
  onTestFinished(() => plugins.close());
  let heard = 0;
  await plugins.watch(() => heard++);
  const message = async (i = 0) => (await plugins.current[i]?.onCall(call("t")))?.message;
  return { root, plugins, message, heard: () => heard };
}

test("a saved plugin, or a file that it imports, is in force for the next call", async () => {
  const { root, plugins, message } = await watched({
    "p.ts": says("one"),
    "lib/word.ts": 'export const word = "a";',
  });
  expect(await message()).toBe("one a");
  const [before] = plugins.current;
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
  ["is not there", null, "p.ts:1:1"],
])("a version that %s leaves the last good one, and is mended", async (_name, text, place) => {
  const { root, plugins, message, heard } = await watched({ "p.ts": judging('return ctx.deny("good")') });
  if (text === null) rmSync(join(root, "p.ts"));
  else write(root, { "p.ts": text });
  await expect.poll(() => plugins.troubles.length).toBe(1);
  const [problem] = plugins.troubles[0]?.problems ?? [];
  expect(`${problem?.file}:${problem?.line}:${problem?.col}`.endsWith(place), JSON.stringify(problem)).toBe(
    true,
  );
  expect(await message()).toBe("good");
  expect(heard()).toBe(1);
  write(root, { "p.ts": judging('return ctx.deny("better")') });
  await expect.poll(() => message()).toBe("better");
  expect(plugins.troubles).toEqual([]);
});

test("a file that was missing is found when it comes", async () => {
  const { root, plugins, message } = await watched({ "p.ts": judging('return ctx.deny("alone")') });
  write(root, {
    "p.ts": 'import { w } from "./w.ts";\nexport default { name: "p", onCall: (call, ctx) => ctx.deny(w) };',
  });
  await expect.poll(() => plugins.troubles.length).toBe(1);
  write(root, { "w.ts": 'export const w = "with";' });
  await expect.poll(() => message()).toBe("with");
});

test("other plugins stay as they are", async () => {
  const { root, plugins, message } = await watched(
    { "p.ts": judging('return ctx.deny("p1")'), "q.ts": judging('return ctx.deny("q1")', "q") },
    [{}, { use: "q.ts" }],
  );
  const [, q] = plugins.current;
  write(root, { "p.ts": judging('return ctx.deny("p2")') });
  await expect.poll(() => message(0)).toBe("p2");
  expect(plugins.current[1]).toBe(q);
  expect(await message(1)).toBe("q1");
});

test("what cannot be loaded at first is all listed, with its settings' mistakes", async () => {
  const root = folder({
    "a.ts": "export default 1",
    "b.ts": 'export default { name: "b", config: { n: { type: "integer" } }, onCall() {} }',
    "c.ts": judging(""),
  });
  const { supervisor } = supervising();
  const loaded = await Plugins.load(supervisor, [
    spec(root, { use: "a.ts" }),
    spec(root, { use: "b.ts", config: { n: "1", m: 2 } }),
    spec(root, { use: "c.ts" }),
  ]);
  if (loaded.ok) throw new Error("it loads");
  expect(loaded.troubles.map(({ spec, problems, issues }) => [spec.use, problems.length, issues])).toEqual([
    ["a.ts", 1, []],
    [
      "b.ts",
      0,
      [
        {
          path: ["n"],
          at: "value",
          message: 'n must be a number, not "1"',
          help: "write a whole number",
        },
        { path: ["m"], at: "key", message: 'unknown setting "m"', help: 'one of n. Did you mean "n"?' },
      ],
    ],
  ]);
});
