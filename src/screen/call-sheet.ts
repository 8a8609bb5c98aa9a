/** A call's detail as rows: why it was decided so, and what it said, below it or beside it. */
import type { OpenCall } from "./detail.ts";
import type { JsonRow } from "./json/rows.ts";
import { DIVIDER } from "./layout.ts";
import type { Piece } from "./line.ts";
import { callWhat, type WhatRow } from "./panes/call-what.ts";
import { reasons, summary } from "./panes/call-why.ts";

/** From this width on, what was said stands beside the reasons. */
const TWO_COLUMNS = 140;
/** Cells left free at both ends of a row together. */
const MARGINS = 4;

export type Sheet = {
  readonly why: readonly (readonly Piece[])[];
  readonly what: readonly WhatRow[];
  /** Widths; null where both stand in one column. */
  readonly columns: { readonly why: number; readonly what: number } | null;
  readonly length: number;
};

export function callSheet(detail: OpenCall, width: number): Sheet {
  const half = Math.floor((width - DIVIDER) / 2);
  const columns = width < TWO_COLUMNS ? null : { why: half, what: width - DIVIDER - half };
  const cells = (columns?.why ?? width) - MARGINS;
  const why = [...summary(detail, cells), ...reasons(detail, cells)];
  const what = callWhat(detail, (columns?.what ?? width) - MARGINS);
  if (columns) return { why, what, columns, length: Math.max(why.length, what.length) };
  const apart = [...why, []];
  return { why: apart, what, columns, length: apart.length + what.length };
}

/** The JSON in a row; null where there is none. */
export function jsonAt({ why, what, columns }: Sheet, row: number): JsonRow | null {
  return what[columns ? row : row - why.length]?.json ?? null;
}
