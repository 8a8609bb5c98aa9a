import { signature } from "../../control/commands.ts";
import { fields } from "../../control/filter/fields.ts";
import { commands } from "../commands.ts";
import { type Binding, keymap, type Where, worksIn } from "../keymap.ts";
import { DIVIDER } from "../layout.ts";
import { type Piece, piece, piecesWidth } from "../line.ts";
import { placesOf } from "../tables.ts";
import { pad, wrap } from "../text.ts";

const MARKS: readonly (readonly [Piece, string])[] = [
  [piece("✓ allow", "good"), "the call went to the server; beside it, how it ended when not well"],
  [piece("✗ DENY", "bad"), "it did not; the rule that denied it is beside it, enter shows why"],
  [piece("? HELD", "warn"), "it waits for a person"],
  [piece("a dim row", "quiet"), "of the audit log: its gateway no longer tells of it"],
  [piece("✓ let by", "warn"), "a rule would have denied or held it; an operator's allow let it through"],
  [piece("would deny", "warn"), "it went on, since the file of that rule only watches (mode: shadow)"],
];

type Lines = Piece[][];

/** From this width on, the keys stand beside what else there is. */
const TWO_COLUMNS = 130;

/** The keys of where a person is, then all others, what marks mean, what can be typed. */
export function help(where: Where, total: number): Lines {
  const half = Math.floor((total - DIVIDER) / 2);
  const [left, right] = total < TWO_COLUMNS ? [total, total] : [half, total - DIVIDER - half];
  const place = where.view === "panes" ? `Keys in ${where.pane}` : "Keys in a detail";
  const here = keymap.filter((binding) => worksIn(binding, where));
  const elsewhere = keymap.filter((binding) => !here.includes(binding));
  const keys = [...keySection(place, here, left), [], ...keySection("Keys elsewhere", elsewhere, left, true)];
  const rest = [...marks(right), [], ...typed(right), [], ...filters(right), [], ...notes(right)];
  return total < TWO_COLUMNS ? [...keys, [], ...rest] : beside(keys, rest, left);
}

function keySection(title: string, bindings: readonly Binding[], total: number, placed = false): Lines {
  const named = bindings.map((binding) => [keysOf(binding), binding] as const);
  const column = Math.max(...keymap.map((binding) => keysOf(binding).length)) + 2;
  const text = (binding: Binding) => (placed ? `${binding.help} (${placesOf(binding)})` : binding.help);
  return [
    [piece(title, "accent")],
    ...named.flatMap(([keys, binding]) => entry(piece(keys, "strong"), text(binding), column, total)),
  ];
}

/** `1-8`, where they are many. */
function keysOf({ keys }: Binding): string {
  return keys.length > 3 ? `${keys[0]}-${keys.at(-1)}` : keys.join(" ");
}

function marks(total: number): Lines {
  return [[piece("Marks", "accent")], ...MARKS.flatMap(([mark, text]) => entry(mark, text, 12, total))];
}

function typed(total: number): Lines {
  const listed = commands.filter(({ keysOnly }) => !keysOnly);
  const column = Math.min(26, Math.max(...listed.map((command) => signature(command).length)) + 2);
  return [
    [piece("Commands", "accent"), piece("  : types one, tab completes it", "quiet")],
    ...listed.flatMap((command) => entry(piece(signature(command), "strong"), command.help, column, total)),
  ];
}

function filters(total: number): Lines {
  const column = Math.max(...fields.map(({ example }) => example.length)) + 2;
  return [
    [piece("Filters", "accent"), piece("  words, fields, ! and or ( )", "quiet")],
    ...fields.flatMap(({ example, help: text }) => entry(piece(example, "strong"), text, column, total)),
  ];
}

const NOTES: readonly string[] = [
  "A click chooses a row, another opens it. Shift selects text, as does :mouse off.",
  "Policies are read again when saved; the next call is judged by the new text.",
];

function notes(total: number): Lines {
  return NOTES.flatMap((text) => wrap(text, total)).map((line) => [piece(line, "quiet")]);
}

/** A name and its text beside it; below it, where the name is too long. */
function entry(name: Piece, text: string, column: number, total: number): Lines {
  const lines = wrap(text, Math.max(8, total - column - 2));
  const long = name.text.length > column - 2;
  const indent = " ".repeat(column + 2);
  const first: Lines = long
    ? [[piece("  "), name], ...lines.slice(0, 1).map((line) => [piece(indent + line)])]
    : [[piece("  "), { ...name, text: pad(name.text, column) }, piece(lines[0] ?? "")]];
  return [...first, ...lines.slice(1).map((line) => [piece(indent + line)])];
}

function beside(left: Lines, right: Lines, width: number): Lines {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => {
    const pieces = left[row] ?? [];
    const gap = piece(" ".repeat(Math.max(0, width - piecesWidth(pieces) + DIVIDER)));
    return [...pieces, gap, ...(right[row] ?? [])];
  });
}
