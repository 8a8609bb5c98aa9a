import { type Piece, piece, piecesWidth, spread } from "../line.ts";
import { paint } from "../paint.ts";
import { width } from "../text.ts";

/** What a pane is called, in full and ever shorter. */
export type Names = readonly (readonly Piece[])[];

/** A pane's top line: its name, a rule across, and what is to be known of its state at the right. */
export function title(names: Names, state: readonly Piece[], cells: number): string {
  const right = state.length > 0 ? [...state, piece(" ")] : [];
  const room = cells - piecesWidth(right) - 3;
  const shown = names.find((each) => piecesWidth(each) <= room) ?? names.at(-1) ?? [];
  const left = [piece(" "), ...shown, piece(" ")];
  const rule = cells - piecesWidth(left) - piecesWidth(right);
  if (rule < 1) return spread(left, right, cells);
  return spread([...left, piece("─".repeat(rule - (right.length > 0 ? 1 : 0)), "quiet")], right, cells);
}

/** A pane's name: where the keys go, in front of its place or behind, with a mark where it needs a person. */
export function name(
  text: string,
  { focused, shown, alarm, rows }: { focused: boolean; shown: boolean; alarm: boolean; rows: string },
): Piece[] {
  const tone = focused ? "accent" : shown ? "strong" : "quiet";
  const badge = alarm ? [piece(" "), piece(" ! ", "alarm")] : [];
  return [piece(text, tone), piece(rows ? ` ${rows}` : "", "quiet"), ...badge];
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
