import type { RulesetLoader } from "../judging/load-ruleset.ts";
import type { SourceFile } from "../policy/source/parse.ts";
import { sanitize } from "../sanitize.ts";
import { type Failure, runTests } from "./policy-tests.ts";
import { count, printProblems } from "./problems.ts";
import { withRuleset } from "./with-ruleset.ts";

/**
 * Runs the `tests:` of policy files, each file's under that file and those that it includes: prints each that went
 * another way with what was expected and what came, then a summary.
 *
 * @returns the exit code: 1 where a test failed or a file has a mistake, 0 otherwise
 */
export async function test(paths: string[], out: { write(text: string): void }): Promise<number> {
  return withRuleset({ policies: paths }, out, ({ sources }, loader) => testAll(sources, loader, out));
}

async function testAll(
  sources: readonly SourceFile[],
  loader: RulesetLoader,
  out: { write(text: string): void },
): Promise<number> {
  let tests = 0;
  let failed = 0;
  for (const source of sources) {
    const alone = await loader.load({ policies: [source.path], mode: "all enforced" });
    if (!alone.ok) return printProblems(alone.problems, out);
    const failures = await runTests(source, alone.ruleset);
    for (const failure of failures) print(source.name, failure, out);
    const all = source.data.tests.length;
    if (failures.length === 0)
      out.write(`${source.name}: ${all === 0 ? "no tests" : `${count(all, "test")} passed`}\n`);
    tests += all;
    failed += failures.length;
  }
  if (failed > 0) out.write(`${failed} of ${count(tests, "test")} failed\n`);
  return failed > 0 ? 1 : 0;
}

function print(
  file: string,
  { line, col, test, call, step, differences }: Failure,
  out: { write(text: string): void },
) {
  const lines = [`${file}:${line}:${col} ${test}`];
  if (step !== null) lines.push(`  call ${step.number} of ${step.of}: ${call}`);
  else if (call !== test) lines.push(`  ${call}`);
  for (const { what, expected, got } of differences) {
    lines.push(`  - expected ${what} ${expected}`, `  + got ${what} ${got}`);
  }
  out.write(`${lines.map((each) => sanitize(each)).join("\n")}\n`);
}
