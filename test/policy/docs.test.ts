import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTests } from "../../src/commands/policy-tests.ts";
import { compile } from "../../src/policy/compile/compile.ts";
import { OPERATORS } from "../../src/policy/conditions/operators.ts";
import { policyFile } from "../../src/policy/schema/policy-file.ts";
import { resultRule } from "../../src/policy/schema/results.ts";
import { requestRule, rule } from "../../src/policy/schema/rules.ts";
import { parse } from "../../src/policy/source/parse.ts";
import { CLASSES, classesOf } from "../../src/policy/tools/classes.ts";
import {
  DESTRUCTIVE,
  ENDING,
  EXECUTE,
  FINANCIAL,
  FINANCIAL_OBJECTS,
  READ,
  WRITE,
} from "../../src/policy/tools/verbs.ts";
import { warningsOf } from "../../src/policy/warnings/warnings.ts";
import { examplesIn } from "./examples.ts";

const document = readFileSync(join(import.meta.dirname, "../../docs/policies.md"), "utf8");

describe("every example of docs/policies.md does what its tests say", () => {
  test.each(examplesIn("docs/policies.md").map((each) => [each.heading, each] as const))(
    "%s",
    async (_, { text, line }) => {
      const parsed = parse(text, "docs/policies.md");
      if (!parsed.ok) throw new Error(`line ${line}: ${JSON.stringify(parsed.problems)}`);
      expect(
        await runTests(parsed.source, { policy: compile([parsed.source], "all enforced"), seats: [] }),
      ).toEqual([]);
      expect(warningsOf(parsed.source)).toEqual([]);
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

test("the lists of verbs are right", () => {
  const items = [...document.matchAll(/^ {3}- `(\w+)`: ([a-z\s]+?)(?=\n\n|\n {3}- )/gm)];
  expect(items.map(([, name]) => name)).toEqual([...CLASSES]);
  for (const [, name, words = ""] of items) {
    for (const word of words.trim().split(/\s+/)) {
      expect([word, classesOf(word, null)]).toEqual([word, [name]]);
    }
  }
  const [, ends = ""] = /does not end in one of ((?:[a-z]+\s+)+[a-z]+);/.exec(document) ?? [];
  expect(ends.split(/\s+/)).toEqual(ENDING);
  const [, money = ""] = /beside one of these words: ((?:[a-z]+\s+)+[a-z]+)\./.exec(document) ?? [];
  for (const word of money.split(/\s+/)) expect(classesOf(`create_${word}`, null)).toEqual(["financial"]);
  expect(items.map(([, , words = ""]) => words.trim().split(/\s+/).length)).toEqual(
    [READ, WRITE, DESTRUCTIVE, FINANCIAL, EXECUTE].map((words) => words.length),
  );
  expect(money.split(/\s+/)).toHaveLength(FINANCIAL_OBJECTS.length);
});
