import type { DraftView } from "../../control/protocol.ts";
import { sanitize } from "../../sanitize.ts";
import { type Piece, piece } from "../line.ts";
import { wrap } from "../text.ts";

/** What would be written into a policy file, as a difference. */
export function draftDetail({ file, diff, notes }: DraftView, cells: number): Piece[][] {
  const tone = (line: string) => (line.startsWith("+") ? "good" : line.startsWith("-") ? "bad" : "quiet");
  return [
    [piece(sanitize(file, 256), "strong"), piece("  would say", "quiet")],
    [],
    ...diff.flatMap((line) => wrap(sanitize(line, 4096), cells).map((text) => [piece(text, tone(line))])),
    ...(notes.length === 0 ? [] : [[]]),
    ...notes.flatMap((note) =>
      wrap(`not in it: ${sanitize(note, 1024)}`, cells).map((text) => [piece(text, "warn")]),
    ),
  ];
}
