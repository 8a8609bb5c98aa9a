import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseName } from "./last.ts";
import { dayOf } from "./log-file.ts";

/**
 * Removes the logs of days more than `keep` days ago, of all gateways.
 *
 * @param current the file being written, which stays
 * @returns the names of those removed: to be recorded, so that verifying knows where they went
 */
export function removeOld(dir: string, keep: number, now: number, current: string | null): string[] {
  const old = readdirSync(dir).filter((name) => {
    const date = parseName(name)?.date;
    return date !== undefined && join(dir, name) !== current && dayOf(Date.parse(date)) < dayOf(now) - keep;
  });
  for (const name of old) rmSync(join(dir, name), { force: true });
  return old;
}
