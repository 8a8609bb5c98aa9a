import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { check } from "../../src/commands/check.ts";
import { test as runPolicyTests } from "../../src/commands/test.ts";
import type { PolicyFile } from "../../src/policy/schema/policy-file.ts";
import { loadPolicies } from "../../src/policy/source/load.ts";

const root = join(import.meta.dirname, "../..");
const policies = join(root, "policies");
const files = readdirSync(policies).filter((name) => name.endsWith(".yaml"));

function load(name: string): PolicyFile {
  const loaded = loadPolicies([join(policies, name)]);
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ line, message }) => `${line} ${message}`).join("\n"));
  const [source] = loaded.sources;
  if (source === undefined) throw new Error(`${name} was not loaded`);
  return source.data;
}

test("there are policies for five servers, and for the demo", () => {
  expect(files.sort()).toEqual([
    "filesystem.yaml",
    "github.yaml",
    "payments.yaml",
    "postgres.yaml",
    "slack.yaml",
    "stripe.yaml",
  ]);
});

describe.each(files)("%s", (name) => {
  test("has no problems, and its tests pass", async () => {
    let printed = "";
    const out = {
      write(text: string) {
        printed += text;
      },
    };
    const code = await runPolicyTests([join(policies, name)], out);
    expect(printed).toMatch(/: \d+ tests passed\n$/);
    expect(code).toBe(0);
  });

  test("means what it says: check has no warnings", async () => {
    const lines: string[] = [];
    expect(await check([join(policies, name)], { write: (text) => void lines.push(text) })).toBe(0);
    expect(lines.join("")).toMatch(/^\S+: ok \(\d+ rules, \d+ tools?\)\n$/);
  });

  test("has a test for each rule that can deny, ask or redact", () => {
    const { tools, results, resources, prompts, tests } = load(name);
    const named = tests.flatMap((each) =>
      ("calls" in each ? each.calls : [each]).map(({ call, rule }) => ({ call, rule })),
    );
    const untested: string[] = [];
    for (const [key, { rules }] of Object.entries(tools)) {
      // The same rule stands under several tools: each of them is called.
      const under = named.filter(({ call }) => key === "*" || call === key);
      for (const rule of rules) {
        if (!under.some((each) => each.rule === rule.name)) untested.push(`${key}: ${rule.name}`);
      }
    }
    for (const section of [results, resources, prompts]) {
      for (const [key, { rules }] of Object.entries(section)) {
        for (const rule of rules) {
          if ("max_bytes" in rule && rule.max_bytes !== undefined) continue; // too large to be written in a test
          if (!named.some((each) => each.rule === rule.name)) untested.push(`${key}: ${rule.name}`);
        }
      }
    }
    expect(untested).toEqual([]);
  });

  test("is in the table of policies/README.md", () => {
    expect(readFileSync(join(policies, "README.md"), "utf8")).toContain(`[${name}](${name})`);
  });
});

test("all of them load together", () => {
  expect(loadPolicies([policies]).ok).toBe(true);
});
