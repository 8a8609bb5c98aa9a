import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTests } from "../../src/commands/policy-tests.ts";
import { CLASSES, classesOf } from "../../src/policy/classes.ts";
import { compile } from "../../src/policy/compile.ts";
import { OPERATORS } from "../../src/policy/operators.ts";
import { parse } from "../../src/policy/parse.ts";
import { policyFile } from "../../src/policy/schema.ts";
import { resultRule } from "../../src/policy/schema-results.ts";
import { requestRule, rule } from "../../src/policy/schema-rules.ts";
import { examplesIn } from "./examples.ts";

const document = readFileSync(join(import.meta.dirname, "../../docs/policies.md"), "utf8");

describe("every example of docs/policies.md does what its tests say", () => {
  test.each(examplesIn("docs/policies.md").map((each) => [each.heading, each] as const))(
    "%s",
    (_, { text, line }) => {
      const parsed = parse(text, "docs/policies.md");
      if (!parsed.ok) throw new Error(`line ${line}: ${JSON.stringify(parsed.problems)}`);
      expect(runTests(parsed.source, compile([parsed.source], "all enforced"))).toEqual([]);
      expect(parsed.source.data.tests.length, `the example in line ${line} has tests`).toBeGreaterThan(0);
    },
  );
});

test.each([
  ...Object.keys(policyFile.shape),
  ...Object.keys(rule.shape),
  ...Object.keys(requestRule.shape),
  ...Object.keys(resultRule.shape),
  ...Object.keys(OPERATORS),
  ...CLASSES,
])("%s is told of", (word) => {
  expect(document).toContain(`\`${word}`);
});

test("the verb table is right", () => {
  const rows = [...document.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].filter(([, name]) =>
    CLASSES.some((each) => each === name),
  );
  expect(rows.map(([, name]) => name)).toEqual([...CLASSES]);
  for (const [, name, words = ""] of rows) {
    for (const word of words
      .replace(/\(.*?\)/g, "")
      .split(/,? +/)
      .filter((each) => /^[a-z]+$/.test(each))) {
      expect([word, classesOf(word, null)]).toEqual([word, [name]]);
    }
  }
});
