import { keymap } from "../keymap.ts";
import { type Piece, piece } from "../line.ts";
import { wrap } from "../text.ts";

const VERDICTS: readonly (readonly [Piece, string])[] = [
  [piece("✓ allow", "good"), "the call went to the server; beside it, how it ended when not well"],
  [piece("✗ DENY", "bad"), "it did not; the rule that denied it is beside it, enter shows why"],
  [piece("? ask", "warn"), "it waits for a person"],
];

/** The keys and the marks, from the table that binds them. */
export function help(cells: number): Piece[][] {
  const lines: Piece[][] = [[piece("Keys", "accent")]];
  const keys = (binding: (typeof keymap)[number]) => binding.keys.join(" ");
  const column = Math.max(...keymap.map((binding) => keys(binding).length)) + 2;
  for (const binding of keymap) {
    const where = binding.views.includes("panes") ? "" : ` (in ${binding.views.join(" and ")})`;
    const [first = "", ...more] = wrap(binding.help + where, cells - column - 2);
    lines.push([piece(`  ${keys(binding).padEnd(column)}`, "strong"), piece(first)]);
    for (const text of more) lines.push([piece(" ".repeat(column + 2) + text)]);
  }
  lines.push([], [piece("Verdicts", "accent")]);
  for (const [mark, text] of VERDICTS)
    lines.push([piece("  "), { ...mark, text: mark.text.padEnd(column) }, piece(text)]);
  lines.push(
    [],
    [piece("Policies are read again when saved; the next call is judged by the new text.", "quiet")],
  );
  return lines;
}
