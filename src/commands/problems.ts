import type { Problem } from "../policy/types.ts";

/** Prints each mistake as `file:line:col message` with its help, then how many; returns the exit code. */
export function printProblems(problems: readonly Problem[], out: { write(text: string): void }): number {
  for (const { file, line, col, message, help } of problems) {
    out.write(`${file}:${line}:${col} ${message}\n  help: ${help}\n`);
  }
  const files = new Set(problems.map((problem) => problem.file));
  out.write(`${count(problems.length, "problem")} in ${count(files.size, "file")}\n`);
  return 1;
}

export const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
