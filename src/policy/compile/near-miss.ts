import { fold } from "../../fold.ts";
import { globMatches, isGlob } from "../tools/names.ts";
import type { RuleRef } from "../types.ts";

/** A name or glob that a policy mentions, and where. */
export interface Mention {
  readonly name: string;
  readonly ref: RuleRef;
}

/** The names that a file mentions, ready to be compared with those that agents send. */
export interface Mentions {
  readonly exact: ReadonlySet<string>;
  readonly folded: ReadonlyMap<string, Mention>;
  readonly globs: readonly Mention[];
}

export function mentionsOf(all: readonly Mention[]): Mentions {
  const names = all.filter(({ name }) => !isGlob(name));
  return {
    exact: new Set(names.map(({ name }) => name)),
    folded: new Map(names.map((mention) => [fold(mention.name), mention])),
    globs: all.filter(({ name }) => isGlob(name)),
  };
}

/**
 * The mentioned name that `name` equals only after folding. Servers differ in how they match names, so such a
 * call might run a tool past the rules written for it.
 */
export function nearMiss(name: string, files: readonly Mentions[]): Mention | null {
  if (files.some(({ exact }) => exact.has(name))) return null;
  const loose = fold(name);
  for (const mentions of files) {
    const exact = mentions.folded.get(loose);
    if (exact !== undefined) return exact;
    for (const glob of mentions.globs) {
      if (!globMatches(glob.name, name) && globMatches(fold(glob.name), loose)) return glob;
    }
  }
  return null;
}
