import { basename } from "node:path";
import { sanitize } from "../../sanitize.ts";
import { fitColumns } from "../columns.ts";
import { count, number, placeOf } from "../format.ts";
import type { Rect } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import type { DenialRow } from "../merge.ts";
import type { Store } from "../store.ts";
import { wrap } from "../text.ts";
import { table, type Values } from "./table.ts";
import { type Names, title } from "./title.ts";

type ColumnId = "count" | "rule" | "message" | "last";

/** What was denied, by the rule that denied it. */
export function denials(store: Store, rect: Rect, names: Names): string[] {
  const gap = rect.width < 70 ? 1 : 2;
  const columns = fitColumns<ColumnId>(
    [
      { id: "count", title: "count", min: 5, want: 5, align: "right" },
      {
        id: "rule",
        title: "rule",
        min: 10,
        want: Math.min(Math.max(10, store.model.calls.widths.rule), Math.floor(rect.width * 0.34)),
      },
      { id: "message", title: "last message", min: 12, want: 12, grow: true, optional: 1 },
      { id: "last", title: "last", min: 8, want: 8, align: "right" },
    ],
    rect.width - 2,
    gap,
  );
  const values: Values<ColumnId, DenialRow> = {
    count: (item) => piece(number(item.count), "bad"),
    rule: (item) => piece(sanitize(item.rule.name, 256)),
    message: (item) => piece(sanitize(item.lastMessage, 512), "quiet"),
    last: (item) => piece(store.time(item.lastTime), "quiet"),
  };
  return table(store, {
    pane: "denials",
    rect,
    gap,
    columns,
    head: title(names, [], rect.width),
    list: store.content().denials,
    values,
    empty: ["Nothing was denied yet."],
  });
}

/** Everything about one rule's denials. */
export function denialDetail(store: Store, item: DenialRow, cells: number): Piece[][] {
  const { rule } = item;
  return [
    [piece(sanitize(rule.name, 1024), "bad")],
    ...wrap(sanitize(item.lastMessage, 4096), cells).map((text) => [piece(text)]),
    [],
    [piece("denied      ", "quiet"), piece(count(item.count, "call"))],
    [piece("last        ", "quiet"), piece(store.moment(item.lastTime))],
    [piece("tool        ", "quiet"), piece(sanitize(rule.tool, 256))],
    [piece(rule.line > 0 ? "written at  " : "said by     ", "quiet"), piece(sanitize(placeOf(rule), 1024))],
    [],
    [
      piece(
        rule.line > 0
          ? `To change it, edit ${sanitize(basename(rule.file), 256)} and save: the next call is judged by it.`
          : "No policy says so. What an operator did shows in the header, and unblock or unkill takes it back.",
        "quiet",
      ),
    ],
  ];
}
