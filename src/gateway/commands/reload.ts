import type { Run } from "./command.ts";

export const reload: Run = async ({ policies }) => {
  await policies.reload();
  const [problem] = policies.problems;
  if (problem === undefined) return `${policies.current.policy.rules} rules decide, as the files say now`;
  const { file, line, col, message, help } = problem;
  throw new Error(`${file}:${line}:${col} ${message} (help: ${help}); the last good policy decides`);
};
