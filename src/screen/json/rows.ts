/** A JSON tree as rows of the screen, with what is folded in one. */
import { sanitize, sanitizeLines } from "../../sanitize.ts";
import { count, number } from "../format.ts";
import { type Piece, piece, piecesWidth } from "../line.ts";
import type { Tone } from "../paint.ts";
import { cut, width, wrap } from "../text.ts";
import { decoded, inner, type JsonNode } from "./tree.ts";

export type JsonRow = {
  readonly pieces: readonly Piece[];
  /** What folds and unfolds here; null for what does not. */
  readonly fold: { readonly path: string; readonly folded: boolean } | null;
  /** Path of what it is a part of; null for what is whole itself. */
  readonly within: string | null;
  /** What copying takes. */
  readonly copy: string;
};

/** What a person folded (true) and unfolded: all there is, and since then by path. */
export type Folds = { readonly all: boolean | null; readonly paths: ReadonlyMap<string, boolean> };

export const NO_FOLDS: Folds = { all: null, paths: new Map() };

/** From this depth on, and from this many entries on, things begin folded. */
const DEEP = 4;
const MANY = 40;
/** Nobody unfolds further by hand. */
const DEEPEST = 64;
/** Rows of one unfolded text, and of all. */
const TEXT_ROWS = 400;
const ROWS = 4_000;
const LONGEST_KEY = 200;
/** What stands in one row: entries, and characters of each. */
const FEW = 6;
const SIMPLE = 40;

const TONES: Record<JsonNode["kind"], Tone> = {
  object: "plain",
  array: "plain",
  string: "text",
  number: "number",
  word: "word",
};

const FOLDED = piece("▸ ", "quiet");
const UNFOLDED = piece("▾ ", "quiet");
const NO_FOLD = piece("  ");
const CUT = piece("… cut here", "warn");

type Place = {
  readonly path: string;
  readonly within: string | null;
  readonly depth: number;
  readonly label: readonly Piece[];
};

/**
 * @param name of the whole, where its paths begin
 * @param cells for each row
 */
export function jsonRows(root: JsonNode, name: string, folds: Folds, cells: number): JsonRow[] {
  const rows: JsonRow[] = [];
  const isFolded = (path: string, otherwise: boolean) => folds.paths.get(path) ?? folds.all ?? otherwise;
  const indent = (depth: number) => Math.min(depth * 2, Math.floor(cells / 3));

  function walk(node: JsonNode, place: Place): void {
    if (rows.length >= ROWS) return;
    const held = inner(node);
    const copy = node.kind === "string" ? decoded(node.source) : node.source;
    const add = (pieces: readonly Piece[], fold: JsonRow["fold"] = null) =>
      rows.push({
        pieces: [piece(" ".repeat(indent(place.depth))), ...pieces],
        fold,
        copy,
        within: place.within,
      });
    const shown = held ?? node;
    if (shown.kind === "object" || shown.kind === "array") container(shown, held !== null, place, add);
    else leaf(node, copy, place, add);
  }

  function container(node: JsonNode, quoted: boolean, { path, depth, label }: Place, add: Add): void {
    const { entries, whole, kind } = node;
    const [open, close] = kind === "object" ? ["{", "}"] : ["[", "]"];
    if (entries.length === 0 && whole) return add([NO_FOLD, ...label, piece(open + close)]);
    const flat = depth > 0 ? inOneRow(node) : null;
    if (flat !== null && piecesWidth([...label, ...flat]) + indent(depth) + 2 <= cells)
      return add([NO_FOLD, ...label, ...flat]);
    const note = quoted ? [piece("  JSON in a string", "quiet")] : [];
    const folded = depth > 0 && isFolded(path, depth >= DEEP || entries.length > MANY);
    if (folded || depth >= DEEPEST) {
      const size = `  ${count(entries.length, kind === "object" ? "key" : "item")}${whole ? "" : " or more"}`;
      return add([FOLDED, ...label, piece(`${open}…${close}`), piece(size, "quiet"), ...note], {
        path,
        folded: true,
      });
    }
    add([UNFOLDED, ...label, piece(open), ...note], { path, folded: false });
    for (const [index, { key, node: child }] of entries.entries()) {
      const named = key === null ? [] : [piece(sanitize(key, LONGEST_KEY), "key"), piece(": ", "quiet")];
      walk(child, { path: `${path}\n${key ?? index}`, within: path, depth: depth + 1, label: named });
    }
    add([NO_FOLD, whole ? piece(close) : CUT]);
  }

  function leaf(
    { kind, source, whole }: JsonNode,
    text: string,
    { path, depth, label }: Place,
    add: Add,
  ): void {
    const tone = TONES[kind];
    const quote = kind === "string" ? '"' : "";
    const room = cells - indent(depth) - piecesWidth(label) - 2;
    const end = whole ? [] : [piece(" "), CUT];
    const inLine = sanitize(kind === "string" ? text : source, room * 4 + 16);
    if (!text.includes("\n") && text.length <= room * 4 && width(inLine) + 2 <= room)
      return add([NO_FOLD, ...label, piece(quote + inLine + quote, tone), ...end]);
    const size = `${number(text.length)} characters`;
    if (isFolded(path, true)) {
      const begin = cut(quote + inLine + quote, Math.max(8, room - size.length - 2 - piecesWidth(end)));
      return add([FOLDED, ...label, piece(begin, tone), piece(`  ${size}`, "quiet"), ...end], {
        path,
        folded: true,
      });
    }
    add([UNFOLDED, ...label, piece(size, "quiet")], { path, folded: false });
    const lines = sanitizeLines(text).flatMap((each) => wrap(each, Math.max(8, cells - indent(depth) - 4)));
    for (const each of lines.slice(0, TEXT_ROWS)) add([NO_FOLD, NO_FOLD, piece(each, tone)]);
    const left = lines.length - TEXT_ROWS;
    if (left > 0) add([NO_FOLD, NO_FOLD, piece(`… ${count(left, "more line")}: y copies all`, "warn")]);
    if (!whole) add([NO_FOLD, NO_FOLD, CUT]);
  }

  walk(root, { path: name, within: null, depth: 0, label: [] });
  if (rows.length >= ROWS)
    rows.push({
      pieces: [piece("… more than can be shown: fold some", "warn")],
      fold: null,
      copy: "",
      within: null,
    });
  return rows;
}

/** Few and simple things, as one writes them; null for what is neither. */
function inOneRow({ kind, entries, whole }: JsonNode): Piece[] | null {
  const simple = entries.every(({ node }) => node.whole && node.entries.length === 0 && inner(node) === null);
  if (!whole || !simple || entries.length > FEW) return null;
  const [open, close] = kind === "object" ? ["{ ", " }"] : ["[", "]"];
  const listed = entries.flatMap(({ key, node }, index) => [
    ...(index > 0 ? [piece(", ", "quiet")] : []),
    ...(key === null ? [] : [piece(sanitize(key, LONGEST_KEY), "key"), piece(": ", "quiet")]),
    piece(sanitize(node.source, SIMPLE), TONES[node.kind]),
  ]);
  const long = entries.some(({ node }) => node.source.length > SIMPLE);
  return long ? null : [piece(open), ...listed, piece(close)];
}

type Add = (pieces: readonly Piece[], fold?: JsonRow["fold"]) => void;
