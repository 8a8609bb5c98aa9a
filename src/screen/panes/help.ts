import { signature } from "../../control/commands.ts";
import { fields } from "../../control/filter/fields.ts";
import { commands } from "../commands.ts";
import { keymap } from "../keymap.ts";
import { type Piece, piece } from "../line.ts";
import { wrap } from "../text.ts";

const VERDICTS: readonly (readonly [Piece, string])[] = [
  [piece("✓ allow", "good"), "the call went to the server; beside it, how it ended when not well"],
  [piece("✗ DENY", "bad"), "it did not; the rule that denied it is beside it, enter shows why"],
  [piece("? HELD", "warn"), "it waits for a person"],
  [piece("would deny", "warn"), "it went on, since the file of that rule only watches (mode: shadow)"],
];

/** The keys and the marks, from the table that binds them. */
export function help(cells: number): Piece[][] {
  const lines: Piece[][] = [[piece("Keys", "accent")]];
  const keys = (binding: (typeof keymap)[number]) => binding.keys.join(" ");
  const column = Math.max(...keymap.map((binding) => keys(binding).length)) + 2;
  for (const binding of keymap) {
    const where = binding.views.includes("panes") ? "" : ` (in ${binding.views.join(" and ")})`;
    lines.push(...entry(keys(binding), binding.help + where, column, cells));
  }
  lines.push([], [piece("Verdicts", "accent")]);
  for (const [mark, text] of VERDICTS)
    lines.push([piece("  "), { ...mark, text: mark.text.padEnd(column) }, piece(text)]);
  lines.push([], [piece("Commands", "accent"), piece("  : types one, tab completes it", "quiet")]);
  const typed = commands.filter(({ keysOnly }) => !keysOnly);
  const named = Math.max(...typed.map((command) => signature(command).length)) + 2;
  for (const command of typed) lines.push(...entry(signature(command), command.help, named, cells));
  lines.push([], [piece("Filters", "accent"), piece("  words, fields, ! and or ( )", "quiet")]);
  const shown = Math.max(...fields.map(({ example }) => example.length)) + 2;
  for (const { example, help } of fields) lines.push(...entry(example, help, shown, cells));
  lines.push(
    [],
    [piece("Policies are read again when saved; the next call is judged by the new text.", "quiet")],
  );
  return lines;
}

function entry(name: string, help: string, column: number, cells: number): Piece[][] {
  const [first = "", ...more] = wrap(help, Math.max(8, cells - column - 2));
  return [
    [piece(`  ${name.padEnd(column)}`, "strong"), piece(first)],
    ...more.map((text) => [piece(" ".repeat(column + 2) + text)]),
  ];
}
