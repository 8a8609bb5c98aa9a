import { loadPolicies } from "../policy/source/load.ts";
import { warningsOf } from "../policy/source/warnings.ts";
import { count, printProblems } from "./problems.ts";

/**
 * Validates policy files: prints each problem as `file:line:col message` with its help, then a summary. What a
 * valid file most likely does not mean is a warning.
 *
 * @returns the exit code: 1 where there is a problem, 0 otherwise
 */
export async function check(paths: string[], out: { write(text: string): void }): Promise<number> {
  const loaded = loadPolicies(paths);
  if (!loaded.ok) return printProblems(loaded.problems, out);
  for (const source of loaded.sources) {
    const { name, data } = source;
    for (const { file, line, col, message, help } of warningsOf(source)) {
      out.write(`${file}:${line}:${col} warning: ${message}\n  help: ${help}\n`);
    }
    const tools = Object.values(data.tools);
    const rules = tools.reduce((sum, tool) => sum + tool.rules.length, 0);
    out.write(`${name}: ok (${count(rules, "rule")}, ${count(tools.length, "tool")})\n`);
  }
  return 0;
}
