/** What a call said and was answered, as JSON that folds. */
import type { PastDetail } from "../../control/past/detail.ts";
import type { CallDetail } from "../../control/protocol.ts";
import { sanitize } from "../../sanitize.ts";
import type { OpenCall } from "../detail.ts";
import { number } from "../format.ts";
import { type Folds, type JsonRow, jsonRows } from "../json/rows.ts";
import { type JsonNode, jsonTree } from "../json/tree.ts";
import { type Piece, piece } from "../line.ts";
import { NOT_REACHED, pastResult } from "./past.ts";

/** A row, and where it is one of JSON, what can be done with it. */
export type WhatRow = { readonly pieces: readonly Piece[]; readonly json: JsonRow | null };

/** Laid out once an answer, its folds and a width: it may be long, and the screen draws 15 times a second. */
const laidOut = new WeakMap<CallDetail | PastDetail, { cells: number; folds: Folds; rows: WhatRow[] }>();

/** Arguments, result and the record's hash. */
export function callWhat(detail: OpenCall, cells: number): readonly WhatRow[] {
  const { folds } = detail;
  const of = detail.answer ?? detail.past;
  const had = of && laidOut.get(of);
  if (had?.cells === cells && had.folds === folds) return had.rows;
  const rows = layOut(detail, cells);
  if (of) laidOut.set(of, { cells, folds, rows });
  return rows;
}

const plain = (...pieces: Piece[]): WhatRow => ({ pieces, json: null });

function layOut({ answer, past, row: { call }, folds }: OpenCall, cells: number): WhatRow[] {
  const args = answer
    ? { text: answer.arguments, size: answer.size.arguments }
    : { text: past?.arguments ?? call.arguments, size: null };
  const rows = section("Arguments", args, folds, cells);
  const denied = call.verdict === "deny";
  if (!answer) {
    const result = past ? pastResult(past, denied, cells) : [];
    return [...rows, ...result.map((pieces) => plain(...pieces))];
  }
  rows.push(plain());
  if (answer.result === null) {
    rows.push(plain(piece("Result", "accent")), plain(piece(denied ? NOT_REACHED : "  none yet", "quiet")));
  } else rows.push(...section("Result", { text: answer.result, size: answer.size.result }, folds, cells));
  // Empty until the record is written.
  if (answer.hash) rows.push(plain(), plain(piece(`audit record ${sanitize(answer.hash, 128)}`, "quiet")));
  return rows;
}

function section(
  name: string,
  { text, size }: { text: string; size: number | null },
  folds: Folds,
  cells: number,
): WhatRow[] {
  const cut = text.endsWith("…");
  const tree = answerIn(jsonTree(cut ? text.slice(0, -1) : text, cut));
  const rows = jsonRows(tree, name, folds, cells).map((json) => ({ pieces: json.pieces, json }));
  const left =
    tree.whole || size === null ? [] : [plain(piece(`  … of ${number(size)} characters in all`, "warn"))];
  return [plain(piece(name, "accent")), ...rows, ...left];
}

/** Of an answer too long to be kept whole, the frame is there: what it carries is what is meant. */
function answerIn(tree: JsonNode): JsonNode {
  const of = (key: string) => tree.entries.find((entry) => entry.key === key)?.node;
  return (tree.whole ? undefined : of("jsonrpc") && (of("result") ?? of("error"))) ?? tree;
}
