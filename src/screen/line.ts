/** A row of the screen, built from painted pieces and always exactly as wide as its place. */
import { paint, type Tone } from "./paint.ts";
import { cut, pad, width } from "./text.ts";

/** Sanitised text in one tone. */
export type Piece = { readonly text: string; readonly tone?: Tone };

export function piece(text: string, tone: Tone = "plain"): Piece {
  return { text, tone };
}

/** Lines as they read without their tones. */
export function textOf(lines: readonly (readonly Piece[])[]): string {
  const plain = lines.map((pieces) =>
    pieces
      .map(({ text }) => text)
      .join("")
      .trimEnd(),
  );
  return `${plain.join("\n")}\n`;
}

export function piecesWidth(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + width(text), 0);
}

/** The pieces in `cells` cells: cut with `…`, filled with spaces. A chosen row is one bar, in no other tone. */
export function line(pieces: readonly Piece[], cells: number, chosen = false): string {
  let painted = "";
  let left = cells;
  for (const { text, tone } of pieces) {
    if (left <= 0) break;
    const shown = cut(text, left);
    painted += chosen ? shown : paint(shown, tone ?? "plain");
    left -= width(shown);
  }
  painted += " ".repeat(Math.max(0, left));
  return chosen ? paint(painted, "chosen") : painted;
}

/** `left` and `right` at the two ends; when there is no room for both, `left` is cut. */
export function spread(left: readonly Piece[], right: readonly Piece[], cells: number): string {
  const reserved = Math.min(cells, piecesWidth(right));
  const gap = reserved > 0 && reserved < cells ? 1 : 0;
  return line(left, cells - reserved - gap) + " ".repeat(gap) + line(right, reserved);
}

/** Cells of a table row: each padded to its column. */
export function cells(
  columns: readonly { width: number; align?: "right" | undefined }[],
  values: readonly Piece[],
  gap: number,
): Piece[] {
  const space = " ".repeat(gap);
  return columns.map((column, index) => {
    const value = values[index] ?? { text: "" };
    const text = pad(value.text, column.width, column.align ?? "left");
    // The gap belongs to the cell before it, so that a row is as few pieces as it has columns.
    return { text: index < columns.length - 1 ? text + space : text, tone: value.tone ?? "plain" };
  });
}

/** Fills a pane up, or cuts it down, to its height. */
export function block(lines: readonly string[], width: number, height: number): string[] {
  const shown = lines.slice(0, Math.max(0, height));
  while (shown.length < height) shown.push(" ".repeat(width));
  return shown;
}
