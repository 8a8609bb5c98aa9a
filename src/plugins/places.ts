import { isAbsolute, relative } from "node:path";
import type { Problem } from "../policy/types.ts";

/** A place in a plugin's file, both 1-based. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

/** A file's name as people read it: relative to `cwd` where it is inside. */
export function displayName(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? path : inside;
}

/** The line and column of an offset in a text. */
export function placeAt(file: string, text: string, offset: number): Place {
  const before = text.slice(0, Math.max(0, offset)).split("\n");
  return { file, line: before.length, col: (before.at(-1)?.length ?? 0) + 1 };
}

/**
 * The first place in a stack, or in a message such as `Unexpected token [file.ts:1:11]`, that is in one of the
 * files; null where there is none. A plugin can forge its stack: this is for people to read only.
 */
export function placeIn(text: string, files: readonly string[]): Place | null {
  for (const line of text.split("\n", 50)) {
    for (const file of files) {
      const at = line.lastIndexOf(`${file}:`);
      const [, row, col] = at < 0 ? [] : (/^:(\d{1,7}):(\d{1,7})\b/.exec(line.slice(at + file.length)) ?? []);
      // `b/a.ts` is not `a.ts`.
      if (row !== undefined && !/[\w./\\-]/.test(line[at - 1] ?? " "))
        return { file, line: Number(row), col: Number(col) };
    }
  }
  return null;
}

export const problemAt = (place: Place, message: string, help: string): Problem => ({
  ...place,
  message,
  help,
});
