import { loadPolicies } from "../policy/load.ts";

/**
 * Validates policy files: prints each problem as `file:line:col message` with its help, then a summary.
 *
 * @returns the exit code: 1 where there is a problem, 0 otherwise
 */
export async function check(paths: string[], out: { write(text: string): void }): Promise<number> {
  const loaded = loadPolicies(paths);
  if (loaded.ok) {
    for (const { name, data } of loaded.sources) {
      const tools = Object.values(data.tools);
      const rules = tools.reduce((sum, tool) => sum + tool.rules.length, 0);
      out.write(`${name}: ok (${count(rules, "rule")}, ${count(tools.length, "tool")})\n`);
    }
    return 0;
  }
  for (const { file, line, col, message, help } of loaded.problems) {
    out.write(`${file}:${line}:${col} ${message}\n  help: ${help}\n`);
  }
  const files = new Set(loaded.problems.map((problem) => problem.file));
  out.write(`${count(loaded.problems.length, "problem")} in ${count(files.size, "file")}\n`);
  return 1;
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
