import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadPolicies } from "../../src/policy/source/load.ts";
import { judged, rules } from "./helpers.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "policy-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}

function load(...paths: string[]) {
  const loaded = loadPolicies(paths, dir);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded.policy;
}

const deny = (name: string, more = "") => rules(`{ name: ${name}, action: deny }`) + more;

test("servers: a file is for those only", () => {
  write({ "a.yaml": deny("a", 'servers: ["pay*", exact]\n') });
  const policy = load("a.yaml");
  const verdict = (upstream: string) => judged(policy, "t", {}, { upstream }).verdict;
  expect(["payments", "exact", "other", "Payments"].map(verdict)).toEqual(["deny", "deny", "allow", "allow"]);
  expect([policy.governs("pay"), policy.governs("other")]).toEqual([true, false]);
});

test("an included file holds where the file that includes it does", () => {
  write({
    "a.yaml": 'version: "1"\nservers: ["pay*"]\ninclude: [shared/b.yaml]\n',
    "shared/b.yaml": deny("b", "include: [../c.yaml]\n"),
    "c.yaml": `${rules("{ name: c, conditions: [{ path: args.n, op: lte, value: 5 }] }")}servers: [payments]\n`,
  });
  const policy = load("a.yaml");
  const traced = (upstream: string) =>
    judged(policy, "t", {}, { upstream }).trace.map(({ rule }) => rule.file);
  expect(policy.files).toEqual(["a.yaml", "shared/b.yaml", "c.yaml"]);
  expect(traced("payments")).toEqual(["shared/b.yaml", "c.yaml"]);
  expect(traced("pay2")).toEqual(["shared/b.yaml"]);
  expect(traced("github")).toEqual([]);
});

test("named itself as well, a file holds everywhere; included twice, in both places and once in each", () => {
  write({
    "a.yaml": 'version: "1"\nservers: [a]\ninclude: [c.yaml]\n',
    "b.yaml": 'version: "1"\nservers: [b]\ninclude: [c.yaml]\n',
    "c.yaml": deny("c"),
  });
  const count = (policy: ReturnType<typeof load>, upstream: string) =>
    judged(policy, "t", {}, { upstream }).trace.length;
  const twice = load("a.yaml", "b.yaml");
  expect(["a", "b", "z"].map((upstream) => count(twice, upstream))).toEqual([1, 1, 0]);
  expect(count(load("a.yaml", "c.yaml"), "z")).toBe(1);
});

test("included by a file that watches, a file watches", () => {
  write({ "a.yaml": 'version: "1"\nmode: shadow\ninclude: [b.yaml]\n', "b.yaml": deny("b") });
  expect(judged(load("a.yaml"), "t")).toMatchObject({ verdict: "allow", would: { rule: { name: "b" } } });
  expect(judged(load("a.yaml", "b.yaml"), "t").verdict).toBe("deny");
});

test("files that include each other, or themselves", () => {
  write({
    "a.yaml": deny("a", "include: [b.yaml, a.yaml]\nservers: [x, y]\n"),
    "b.yaml": deny("b", "include: [a.yaml]\nservers: [y, z]\n"),
  });
  expect(load("a.yaml").files).toEqual(["a.yaml", "b.yaml"]);
  expect(load(".").rules).toBe(2);
});

test("problems point into the right file, and what to watch is told", () => {
  write({
    "a.yaml": 'version: "1"\ninclude:\n  - b.yaml\n  - nope.yaml\n  - sub\n',
    "b.yaml": 'version: "1"\ndefualt: deny\n',
    "sub/x.yaml": 'version: "1"\n',
  });
  const loaded = loadPolicies(["a.yaml"], dir);
  expect(
    loaded.ok
      ? []
      : loaded.problems.map(({ file, line, col, message }) => `${file}:${line}:${col} ${message}`),
  ).toEqual([
    'b.yaml:2:1 unknown key "defualt"',
    "a.yaml:4:5 nope.yaml: no such file or directory",
    "a.yaml:5:5 sub: it is a directory",
  ]);
  expect(loaded.paths).toEqual(["a.yaml", "b.yaml", "nope.yaml", "sub"].map((name) => join(dir, name)));
});
