/** Telling what happened. */
import type { Run } from "./command.ts";

export const why: Run = ({ history }, id) => {
  const detail = history.detail(id);
  if (detail === null) throw new Error(`There is no call ${id} to show: only the last 1,000 are kept.`);
  return detail;
};
