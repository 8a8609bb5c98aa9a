/** Edit distance with transpositions (optimal string alignment). */
export function distance(a: string, b: string): number {
  let older: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (older[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    older = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** Spelling differences that people do not see: case, spaces, `-` and `_`. */
const loose = (word: string) => word.toLowerCase().replace(/[\s_-]+/g, "");

/** The candidate `word` was probably meant to be: an alias, or at most a third of its letters away. */
export function nearest(
  word: string,
  candidates: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): string | null {
  const wanted = loose(word);
  // The distance is quadratic, and no name is this long.
  if (wanted.length > 100) return null;
  for (const [alias, meant] of Object.entries(aliases)) if (loose(alias) === wanted) return meant;
  let found: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const away = distance(wanted, loose(candidate));
    if (away < least) {
      found = candidate;
      least = away;
    }
  }
  return found;
}

/** `one of a, b, c.` and, where one is near, `Did you mean "b"?` */
export function oneOf(
  word: string,
  candidates: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): string {
  const meant = nearest(word, candidates, aliases);
  return `one of ${candidates.join(", ")}.${meant === null ? "" : ` Did you mean ${JSON.stringify(meant)}?`}`;
}
