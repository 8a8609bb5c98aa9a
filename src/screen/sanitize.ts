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
/** Join with their neighbour in some terminals and not in others: fillers, flags, skin tones. */
const JOINING = /[\u115f\u1160\u3164\uffa0\u{1f1e6}-\u{1f1ff}\u{1f3fb}-\u{1f3ff}]/u;
/** More than a letter needs; from here on they climb over the rows above. */
const MOST_MARKS = 2;

const NAMED: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e" };

/** `text` with everything that is not plainly visible spelled out: `\n`, `\e`, `\u202e`. */
export function sanitize(text: string, longest: number = LONGEST): string {
  const short = text.length > longest ? text.slice(0, longest) : text;
  if (PLAIN.test(short)) return short;
  let out = "";
  let marks = MOST_MARKS; // A mark with nothing before it would land on the neighbouring cell.
  for (const char of short.normalize("NFC")) {
    if (HIDDEN.test(char) || JOINING.test(char)) {
      out += spellOut(char);
      marks = MOST_MARKS;
    } else if (MARK.test(char)) {
      out += STACKING.test(char) && marks < MOST_MARKS ? char : spellOut(char);
      marks++;
    } else {
      out += char;
      marks = 0;
    }
  }
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
