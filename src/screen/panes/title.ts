import { type Piece, piece, piecesWidth, spread } from "../line.ts";
import { paint } from "../paint.ts";
import { width } from "../text.ts";

/** A pane's top line: its name, a rule across, and what is to be known of its state at the right. */
export function title(names: readonly Piece[], state: readonly Piece[], cells: number): string {
  const left = [piece(" "), ...names, piece(" ")];
  const right = state.length > 0 ? [...state, piece(" ")] : [];
  const rule = cells - piecesWidth(left) - piecesWidth(right);
  if (rule < 1) return spread(left, right, cells);
  return spread([...left, piece("─".repeat(rule - (right.length > 0 ? 1 : 0)), "quiet")], right, cells);
}

/** @param shown whether it is the pane below, not one that shares its place */
export function name(text: string, focused: boolean, rows: string, shown = true): Piece[] {
  const tone = focused ? "accent" : shown ? "strong" : "quiet";
  return [piece(text, tone), piece(rows ? ` ${rows}` : "", "quiet")];
}

/** The mark of the chosen row in a pane that has not the keys. */
export const GUTTER = { chosen: "▌", none: " " } as const;

/** Text in the middle of an empty pane. */
export function centred(lines: readonly string[], cells: number, height: number): string[] {
  const above = Math.max(0, Math.floor((height - lines.length) / 2));
  const placed = lines.map((text) => {
    const left = " ".repeat(Math.max(0, Math.floor((cells - width(text)) / 2)));
    return paint(`${left}${text}`.slice(0, cells).padEnd(cells), "quiet");
  });
  return [...new Array<string>(above).fill(" ".repeat(cells)), ...placed];
}
