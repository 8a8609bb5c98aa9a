import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { byName } from "../audit/last.ts";
import { UsageError } from "./usage-error.ts";

/** Log files of a path, by name and so by day. @throws UsageError where there is nothing */
export async function logsIn(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new UsageError(`${path}: there is no audit log`);
  if (!found.isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith(".jsonl"))
    .sort(byName)
    .map((name) => join(path, name));
}
