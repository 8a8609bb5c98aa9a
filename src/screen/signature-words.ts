/** A command's signature, beside what has been typed of it. */

type Signed = { readonly name: string; readonly args: string };

/** The words of a signature after the command's name, without its brackets: `ID|all`, `message`. */
export function wordsOf({ args }: Signed): string[] {
  return args.match(/[^\s[\]]+/g) ?? [];
}

/** Which of its words is being typed, from 0 on; -1 for the command's name. */
export function wordTyped(before: string): number {
  return before.trimStart().split(/\s+/).length - 2;
}

/**
 * Where the argument of this kind begins, which goes on to the end of the line; null where there is none, or it has
 * not been reached.
 */
export function typedArgument(command: Signed, text: string, kind: "FILTER" | "JSON"): number | null {
  const at = wordsOf(command).indexOf(kind);
  if (at < 0) return null;
  const before = new RegExp(`^\\s*(?:\\S+\\s+){${at + 1}}`).exec(text);
  return before === null ? null : before[0].length;
}
