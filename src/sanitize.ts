/**
 * Makes any text from outside safe to put in a cell: nothing left in it can move the cursor, change colours,
 * reorder its neighbours or take another width on the terminal than `width` says.
 */

/** Longer texts are cut before anything looks at them: no cell and no detail view shows this much. */
const LONGEST = 32_768;

const PLAIN = /^[\x20-\x7e]*$/;
/** Controls, format characters (bidi, zero-width, tags), lone surrogates, line separators, the unassigned. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Cn}]/u;
const MARK = /\p{M}/u;
/** Marks that stay on top of their letter in every terminal; spacing marks and variation selectors do not. */
const STACKING = /^(?![\u034f\u180b-\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}])\p{Mn}$/u;
/** Join with their neighbour in some terminals and not in others: fillers, flags, skin tones; or are wide in some. */
const JOINING =
  /[\u115f-\u11ff\u3164\u3248-\u324f\ua960-\ua97f\ud7b0-\ud7ff\uffa0\u{1f1e6}-\u{1f1ff}\u{1f3fb}-\u{1f3ff}]/u;
/** More than a letter needs; from here on they climb over the rows above. */
const MOST_MARKS = 2;

const segmenter = new Intl.Segmenter();

const NAMED: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e" };

/** `text` with everything that is not plainly visible spelled out: `\n`, `\e`, `\u202e`. */
export function sanitize(text: string, longest: number = LONGEST): string {
  const short = text.length > longest ? text.slice(0, longest) : text;
  if (PLAIN.test(short)) return short;
  let out = "";
  for (const { segment } of segmenter.segment(short.normalize("NFC"))) out += cluster(segment);
  return out;
}

/** What Unicode takes for one character: a letter and its marks stay; of what joins letters, the first does. */
function cluster(text: string): string {
  const [first = "", ...rest] = text;
  // A mark with no letter before it would land on the neighbouring cell.
  const visible = !HIDDEN.test(first) && !JOINING.test(first) && !MARK.test(first);
  let out = visible ? first : spellOut(first);
  // Whether joined letters are drawn as one differs from terminal to terminal, and so does their width.
  const joined = rest.some((char) => !MARK.test(char));
  rest.forEach((char, index) => {
    const stays = visible && !joined && index < MOST_MARKS && STACKING.test(char);
    out += stays ? char : spellOut(char);
  });
  return out;
}

/** As `sanitize`, for text whose line breaks are its layout: one safe string a line, tabs as spaces. */
export function sanitizeLines(text: string): string[] {
  const short = text.length > LONGEST ? text.slice(0, LONGEST) : text;
  return short.split(/\r?\n/).map((line) => sanitize(line.replaceAll("\t", "  ")));
}

function spellOut(char: string): string {
  const named = NAMED[char];
  if (named) return named;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
