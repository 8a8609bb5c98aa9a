import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { policyJsonSchema } from "../../src/policy/schema/json-schema.ts";
import { examplesIn } from "./examples.ts";
import { problemsOf, rules, SEED } from "./helpers.ts";

const policies = join(import.meta.dirname, "../../policies");
const shipped: z.core.JSONSchema.JSONSchema = JSON.parse(readFileSync(join(policies, "schema.json"), "utf8"));
const schema = z.fromJSONSchema(shipped);
const accepts = (text: string) => schema.safeParse(parseYaml(text, { merge: true })).success;

test("the shipped file is what the definition gives (node test/policy/write-schema.ts writes it)", () => {
  expect(shipped).toEqual(JSON.parse(JSON.stringify(policyJsonSchema())));
});

test("takes every valid policy", () => {
  const files = readdirSync(policies).filter((name) => name.endsWith(".yaml"));
  const texts = files.map((name) => readFileSync(join(policies, name), "utf8"));
  for (const text of [SEED, ...texts, ...examplesIn("docs/policies.md").map(({ text }) => text)]) {
    expect({ text, problems: problemsOf(text), accepts: accepts(text) }).toEqual({
      text,
      problems: [],
      accepts: true,
    });
  }
});

test.each([
  "tools: {}\n",
  'version: "2"\n',
  "version: 1\n",
  'version: "1"\ndefualt: deny\n',
  'version: "1"\nmode: off\n',
  'version: "1"\nhide: tool\n',
  'version: "1"\nhide: [{ class: danger }]\n',
  'version: "1"\ntools: { t: {} }\n',
  rules("{ action: deny }"),
  rules("{ name: r, action: block }"),
  rules("{ name: r, conditions: [{ path: args.x, op: lessthan, value: 5 }] }"),
  rules("{ name: r, conditions: [{ any: [{ path: args.x, op: lte, valeu: 5 }] }] }"),
  rules("{ name: r, state: { counter: c } }"),
  'version: "1"\nbudgets: { a: { limit: many, window: day, tools: {} } }\n',
  'version: "1"\nresults: { t: { rules: [{ name: r, redact: [passwords] }] } }\n',
  'version: "1"\ntests: [{ call: t, expect: maybe }]\n',
])("refuses what the check refuses: %s", (text) => {
  expect([problemsOf(text).length > 0, accepts(text)]).toEqual([true, false]);
});
