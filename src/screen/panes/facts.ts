import { sanitize } from "../../sanitize.ts";
import { number } from "../format.ts";
import { type Piece, piece } from "../line.ts";
import type { Tone } from "../paint.ts";

/** A name and what is to be known of it; null for a line apart. */
export type Fact = readonly [name: string, value: string] | null;

/** Facts in two columns. */
export function facts(lines: readonly Fact[]): Piece[][] {
  return lines.map((fact) =>
    fact === null ? [] : [piece(fact[0].padEnd(12), "quiet"), piece(sanitize(fact[1], 1024))],
  );
}

/** A number that matters when there is any. */
export function amount(n: number, tone: Tone): Piece {
  return piece(number(n), n > 0 ? tone : "quiet");
}
