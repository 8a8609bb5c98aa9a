import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { check } from "../../src/commands/check.ts";
import { OPERATORS } from "../../src/policy/conditions/operators.ts";
import { rule } from "../../src/policy/schema/rules.ts";
import { loadPolicies } from "../../src/policy/source/load.ts";
import { SEED } from "./helpers.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "policy-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (name: string, text: string | Uint8Array) => writeFileSync(join(dir, name), text);

function problems(...paths: string[]): string[] {
  const loaded = loadPolicies(paths, dir);
  return loaded.ok
    ? []
    : loaded.problems.map(({ file, line, col, message }) => `${file}:${line}:${col} ${message}`);
}

test("files and directories, each file once, in the order of names", () => {
  mkdirSync(join(dir, "p"));
  write("p/b.yml", 'version: "1"');
  write("p/a.yaml", SEED);
  write("p/notes.txt", "not YAML: [");
  const loaded = loadPolicies(["p", "p/a.yaml"], dir);
  expect(loaded).toMatchObject({ ok: true, policy: { files: ["p/a.yaml", "p/b.yml"], rules: 2 } });
});

test("one file's hash is its SHA-256; any change of any file changes the hash", () => {
  write("a.yaml", SEED);
  const hash = () => {
    const loaded = loadPolicies(["."], dir);
    return loaded.ok ? loaded.policy.hash : "";
  };
  const one = hash();
  expect(one).toBe(createHash("sha256").update(SEED).digest("hex"));
  write("b.yaml", 'version: "1"');
  expect(hash()).not.toBe(one);
});

test("what is wrong on disk is a problem, not an exception", () => {
  mkdirSync(join(dir, "empty"));
  write("latin1.yaml", new Uint8Array([0x23, 0xe9, 0x0a]));
  write("bad.yaml", "version: 3");
  expect(problems()).toEqual([".:1:1 no policy file is given"]);
  expect(problems("nope.yaml", "empty", "latin1.yaml", "bad.yaml")).toEqual([
    "nope.yaml:1:1 no such file or directory",
    "empty:1:1 no *.yaml or *.yml file in this directory",
    "latin1.yaml:1:1 it is not UTF-8 text",
    "bad.yaml:1:10 version must be text, not the number 3",
  ]);
  write("p.ts", "export default {}");
  expect(problems("p.ts")).toEqual(["p.ts:1:1 a plugin is no policy"]);
  expect(problems("/nowhere/x.yaml")).toEqual(["/nowhere/x.yaml:1:1 no such file or directory"]);
});

test.skipIf(process.getuid?.() === 0)("a file without read access", () => {
  write("secret.yaml", SEED);
  chmodSync(join(dir, "secret.yaml"), 0);
  expect(problems("secret.yaml")).toEqual(["secret.yaml:1:1 it cannot be read: permission denied"]);
});

test("check prints problems with help and a summary, and its exit code", async () => {
  let printed = "";
  const out = { write: (text: string) => (printed += text) };
  write("good.yaml", SEED);
  expect(await check([join(dir, "good.yaml")], out)).toBe(0);
  expect(printed).toBe(`${join(dir, "good.yaml")}: ok (2 rules, 1 tool)\n`);
  printed = "";
  write("bad.yaml", SEED.replace('"lte"', '"lessthan"').replace("on_deny", "on_denny"));
  expect(await check([dir], out)).toBe(1);
  expect(printed).toBe(`${join(dir, "bad.yaml")}:9:17 unknown operator "lessthan"
  help: one of ${Object.keys(OPERATORS).join(", ")}. Did you mean "lt"?
${join(dir, "bad.yaml")}:11:9 unknown key "on_denny"
  help: one of ${Object.keys(rule.shape).join(", ")}. Did you mean "on_deny"?
2 problems in 1 file
`);
});
