/** A part of a text that is to go, and what it is called in its place. */
export interface Match {
  readonly start: number;
  readonly end: number;
  readonly what: string;
}

/**
 * Finds what must not get out, in time linear in the text.
 *
 * @param key name that the text is the value of; null where it is of none
 */
export type Detector = (text: string, key: string | null) => Match[];

/** Matches of a pattern with the flag `g`. */
export function matchesOf(pattern: RegExp, text: string, what: string): Match[] {
  const found: Match[] = [];
  for (const match of text.matchAll(pattern)) {
    if (match[0] !== "") found.push({ start: match.index, end: match.index + match[0].length, what });
  }
  return found;
}

/** The text with all matches replaced; where they overlap, the one that starts first names them. */
export function replaced(text: string, matches: readonly Match[]): string {
  if (matches.length === 0) return text;
  let out = "";
  let at = 0;
  for (const { start, end, what } of merged(matches)) {
    out += `${text.slice(at, start)}${marker(what)}`;
    at = end;
  }
  return out + text.slice(at);
}

export const marker = (what: string): string => `[redacted ${what}]`;

function merged(matches: readonly Match[]): Match[] {
  const sorted = matches.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const out: Match[] = [];
  for (const match of sorted) {
    const last = out.at(-1);
    if (last === undefined || match.start >= last.end) out.push(match);
    else if (match.end > last.end) out[out.length - 1] = { ...last, end: match.end };
  }
  return out;
}
