import type { Fitted } from "../columns.ts";
import { windowOf } from "../cursor.ts";
import { PANE_HEAD, type PaneName, type Rect } from "../layout.ts";
import { block, cells, line, type Piece, piece } from "../line.ts";
import type { Keyed, List } from "../ring.ts";
import type { Store } from "../store.ts";
import { centred, GUTTER } from "./title.ts";

/** How each column shows a row. */
export type Values<Id extends string, T> = Record<Id, (item: T) => Piece>;

/** A row's cells, in the columns that fit. */
export function rowCells<Id extends string, T>(
  columns: readonly Fitted<Id>[],
  values: Values<Id, T>,
  item: T,
  gap: number,
): Piece[] {
  return cells(
    columns,
    columns.map((column) => values[column.id](item)),
    gap,
  );
}

/** A pane of rows under column titles: only those in view are made. */
export function table<Id extends string, T extends Keyed>(
  store: Store,
  options: {
    pane: PaneName;
    rect: Rect;
    head: string;
    list: List<T>;
    columns: readonly Fitted<Id>[];
    values: Values<Id, T>;
    gap: number;
    /** Rows that stand back. */
    quiet?: (item: T) => boolean;
    empty: readonly string[];
  },
): string[] {
  const { pane, rect, head, list, columns, values, gap } = options;
  const height = Math.max(0, rect.height - PANE_HEAD);
  if (list.length === 0)
    return block([head, ...centred(options.empty, rect.width, height)], rect.width, rect.height);
  const focused = store.ui.pane === pane;
  const titles = columns.map((column) => piece(column.title, "quiet"));
  const lines = [head, line([piece(" "), ...cells(columns, titles, gap)], rect.width)];
  const { top, selected } = windowOf(list, store.cursor(pane), height);
  for (let index = top; index < Math.min(list.length, top + height); index++) {
    const item = list.at(index);
    if (!item) continue;
    const chosen = index === selected && focused;
    const gutter = piece(chosen ? GUTTER.chosen : GUTTER.none);
    const shown = rowCells(columns, values, item, gap);
    const toned = options.quiet?.(item) ? shown.map(({ text }) => piece(text, "quiet")) : shown;
    lines.push(line([gutter, ...toned], rect.width, chosen));
  }
  return block(lines, rect.width, rect.height);
}
