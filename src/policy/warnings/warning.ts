import type { DataPath } from "../source/locate.ts";
import type { SourceFile } from "../source/parse.ts";
import type { Problem } from "../types.ts";

/** What a valid file says and most likely does not mean. */
export interface Warning {
  readonly path: DataPath;
  /** Set where it is about the key and not what stands under it. */
  readonly at?: "key";
  readonly message: string;
  readonly help: string;
}

/** Warnings with their places, in the order of the text. */
export function placed(source: SourceFile, warnings: readonly Warning[]): Problem[] {
  return warnings
    .map(({ path, at, message, help }) => ({ file: source.name, ...source.place(path, at), message, help }))
    .sort((a, b) => a.line - b.line || a.col - b.col);
}
