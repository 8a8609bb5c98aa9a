import { sanitize } from "../../sanitize.ts";
import { fitColumns } from "../columns.ts";
import { duration, moment, number } from "../format.ts";
import type { Rect } from "../layout.ts";
import { line, type Piece, piece } from "../line.ts";
import type { CounterRow } from "../merge.ts";
import type { Tone } from "../paint.ts";
import type { Store } from "../store.ts";
import { width } from "../text.ts";
import { facts } from "./facts.ts";
import { rowCells, table, type Values } from "./table.ts";
import { type Names, title } from "./title.ts";

type ColumnId = "name" | "bar" | "used" | "resets";

/** Counters as gauges, nearest to its limit first. */
export function counters(store: Store, rect: Rect, names: Names): string[] {
  const list = store.content().counters;
  const { columns, gap, values } = gaugeColumns(store, rect.width);
  return table(store, {
    pane: "counters",
    rect,
    gap,
    columns,
    head: title(names, [], rect.width),
    list,
    values,
    empty: ["No counter yet.", "Rules with state or rate_limit make them."],
  });
}

/** The fullest counters in a few rows without titles, for a terminal that shows one pane at a time. */
export function counterStrip(store: Store, total: number, rows: number): string[] {
  const list = store.content().counters;
  const { columns, gap, values } = gaugeColumns(store, total);
  const shown = Math.min(list.length, rows - 1);
  const more = list.length > shown ? [piece(`2 shows ${list.length - shown} more`, "quiet")] : [];
  const lines = [title([[piece("Counters", "strong")]], more, total)];
  for (let index = 0; index < shown; index++) {
    const item = list.at(index);
    if (item) lines.push(line([piece(" "), ...rowCells(columns, values, item, gap)], total));
  }
  return lines;
}

const BAR = { full: "━", rest: "╌" };
const MOST_ROWS_MEASURED = 50;
/** Below this width a time to reset goes without its words, under a title. */
const SHORT = 75;

function gaugeColumns(store: Store, total: number) {
  const list = store.content().counters;
  const now = store.now();
  const gap = total < 70 ? 1 : 2;
  const several = new Set(store.model.counters.map((item) => item.upstream)).size > 1;
  let [named, used, reset] = [12, 12, 6];
  for (let i = 0; i < Math.min(list.length, MOST_ROWS_MEASURED); i++) {
    const item = list.at(i);
    if (!item) continue;
    named = Math.max(named, width(label(item, several)));
    used = Math.max(used, usage(item).length);
    reset = Math.max(reset, resets(item, now, total).length);
  }
  const columns = fitColumns<ColumnId>(
    [
      { id: "name", title: "counter", min: 12, want: Math.min(named, Math.floor(total * 0.42)) },
      { id: "bar", title: "", min: 6, want: Math.min(24, Math.floor(total * 0.2)), optional: 2, grow: true },
      {
        id: "used",
        title: "used / limit",
        min: Math.min(used, 24),
        want: Math.min(used, 32),
        align: "right",
      },
      { id: "resets", title: total < SHORT ? "resets" : "", min: 6, want: reset, optional: 1 },
    ],
    total - 2,
    gap,
  );
  const bar = columns.find((column) => column.id === "bar")?.width ?? 0;
  const values: Values<ColumnId, CounterRow> = {
    name: (item) => piece(label(item, several)),
    bar: (item) => gauge(item, bar),
    used: (item) => piece(usage(item), item.fraction !== null && item.fraction >= 0.8 ? tone(item) : "plain"),
    resets: (item) => piece(resets(item, now, total), "quiet"),
  };
  return { columns, gap, values };
}

function gauge(item: CounterRow, cells: number): Piece {
  if (item.fraction === null) return piece("");
  const full = Math.min(cells, Math.round(item.fraction * cells));
  // Something used never looks like nothing, and a limit not reached never looks reached.
  const shown = item.fraction > 0 && full === 0 ? 1 : item.fraction < 1 && full === cells ? cells - 1 : full;
  return piece(BAR.full.repeat(Math.max(0, shown)) + BAR.rest.repeat(Math.max(0, cells - shown)), tone(item));
}

function tone(item: CounterRow): Tone {
  if (item.fraction === null) return "quiet";
  return item.fraction >= 1 ? "bad" : item.fraction >= 0.8 ? "warn" : "good";
}

/** As policies write it; with the upstream before it where there are several. */
function label(item: CounterRow, several = false): string {
  const scoped = item.scope === "_global" ? item.counter : `${item.scope}.${item.counter}`;
  const named = item.partition ? `${scoped} [${item.partition}]` : scoped;
  return sanitize(several ? `${item.upstream}/${named}` : named, 256);
}

function usage(item: CounterRow): string {
  const used = number(sanitize(item.used, 64));
  return item.limit === null ? used : `${used} / ${number(sanitize(item.limit, 64))}`;
}

function resets(item: CounterRow, now: number, total: number): string {
  if (item.resetsAt === null)
    return total < SHORT ? sanitize(item.window, 16) : `per ${sanitize(item.window, 16)}`;
  const left = duration(item.resetsAt - now);
  return total < SHORT ? left : `resets in ${left}`;
}

/** Everything about one counter. */
export function counterDetail(item: CounterRow, now: number): Piece[][] {
  const { resetsAt } = item;
  const resets = resetsAt === null ? "never" : `in ${duration(resetsAt - now)}, ${moment(resetsAt, now)}`;
  return [
    [piece(label(item), "strong")],
    [],
    [gauge(item, 40), piece(item.fraction === null ? "" : `  ${Math.floor(item.fraction * 100)}%`)],
    [],
    ...facts([
      ["used", usage(item).split(" / ")[0] ?? ""],
      ["limit", item.limit === null ? "none: nothing limits it" : number(item.limit)],
      ["window", item.window],
      ["resets", resets],
      ["upstream", item.upstream],
      ["scope", item.scope],
      ["partition", item.partition || "none: one count for all"],
    ]),
  ];
}
