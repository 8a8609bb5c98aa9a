import { sanitize } from "../../sanitize.ts";
import { fitColumns } from "../columns.ts";
import { windowOf } from "../cursor.ts";
import { number, placeOf } from "../format.ts";
import { chosenHold } from "../holds.ts";
import { PANE_HEAD } from "../layout.ts";
import { block, cells, line, type Piece, piece } from "../line.ts";
import type { HoldRow } from "../merge.ts";
import { oneLine } from "../one-line.ts";
import type { Tone } from "../paint.ts";
import type { Store } from "../store.ts";
import { width } from "../text.ts";
import type { Values } from "./table.ts";
import { GUTTER, title } from "./title.ts";

type ColumnId = "mark" | "tool" | "arguments" | "rule" | "agent" | "bar" | "left";

/** Seconds from which on a countdown is an alarm. */
const LAST_SECONDS = 15;
const MOST_MEASURED = 20;

/** The calls that wait for a person, over everything else that is looked at; the one the keys are about, marked. */
export function holds(store: Store): string[] {
  const rect = store.layout().holds;
  const list = store.content().holds;
  if (list.length === 0 || rect.height === 0) return [];
  const chosen = chosenHold(store);
  const height = Math.max(1, rect.height - PANE_HEAD);
  const cursor = { ...store.ui.cursors.holds, key: chosen?.key ?? store.ui.cursors.holds.key };
  const { top } = windowOf(list, cursor, height);
  const shown: HoldRow[] = [];
  for (let index = top; index < Math.min(list.length, top + height); index++) {
    const item = list.at(index);
    if (item) shown.push(item);
  }
  const hidden = list.length - shown.length;
  const more = hidden > 0 ? [piece(`${number(hidden)} more: tab, then j/k`, "warn")] : [];
  const lines = [
    title([heading(list.length, rect.width)], more, rect.width),
    ...rows(store, shown, chosen, rect.width),
  ];
  if (rect.height >= PANE_HEAD + 1) lines.push(line(why(store, chosen ?? shown[0]), rect.width));
  return block(lines, rect.width, rect.height);
}

const KEYS: readonly (readonly [string, string])[] = [
  ["a", "approve"],
  ["d", "deny"],
  ["e", "edit"],
  ["A/D", "all"],
];

function heading(held: number, total: number): Piece[] {
  const keys = KEYS.flatMap(([key, word]) => [piece(` ${key}`, "strong"), piece(` ${word} `, "quiet")]);
  const words = total >= 100 ? "a person must say yes or no:" : "yes or no?";
  return [piece(` HELD ${number(held)} `, "alarm"), piece(` ${words} `, "warn"), ...keys];
}

function rows(store: Store, shown: readonly HoldRow[], chosen: HoldRow | null, total: number): string[] {
  const call = ({ key }: HoldRow) => store.model.calls.get(key)?.call;
  const tool = (item: HoldRow) => sanitize(call(item)?.tool ?? `call ${item.hold.id}`, 128);
  const rule = ({ hold }: HoldRow) => hold.rules.map((each) => sanitize(each.name, 128)).join(", ");
  const agent = (item: HoldRow) => sanitize(call(item)?.agent ?? "", 64);
  const widest = (text: (item: HoldRow) => string, most: number) =>
    Math.min(most, Math.max(4, ...shown.slice(0, MOST_MEASURED).map((item) => width(text(item)))));
  const wide = total >= 100;
  const columns = fitColumns<ColumnId>(
    [
      { id: "mark", title: "", min: 1, want: 1 },
      { id: "tool", title: "", min: 10, want: widest(tool, wide ? 30 : 20) },
      { id: "arguments", title: "", min: 16, want: 16, grow: true },
      { id: "rule", title: "", min: 10, want: wide ? widest(rule, 36) : 0, optional: 2 },
      { id: "agent", title: "", min: 6, want: wide ? widest(agent, 16) : 0, optional: 1 },
      { id: "bar", title: "", min: 6, want: wide ? 16 : 8, optional: 3 },
      { id: "left", title: "", min: 5, want: 5, align: "right" },
    ],
    total - 2,
    wide ? 2 : 1,
  );
  const bar = columns.find((column) => column.id === "bar")?.width ?? 0;
  const now = store.now();
  const values: Values<ColumnId, HoldRow> = {
    mark: () => piece("?", "warn"),
    tool: (item) => piece(tool(item), "strong"),
    arguments: (item) => piece(sanitize(oneLine(call(item)?.arguments.slice(0, 512) ?? ""))),
    rule: (item) => piece(rule(item), "warn"),
    agent: (item) => piece(agent(item), "quiet"),
    bar: (item) => timeBar(item, now, bar),
    left: (item) => piece(countdown(item, now), tone(item, now)),
  };
  return shown.map((item) => {
    const marked = item.key === chosen?.key;
    const texts = columns.map((column) => values[column.id](item));
    const gutter = piece(marked ? GUTTER.chosen : GUTTER.none, "warn");
    return line([gutter, ...cells(columns, texts, wide ? 2 : 1)], total, marked && store.ui.pane === "holds");
  });
}

/** What the marked one waits for, and what becomes of it without an answer. */
function why(store: Store, item: HoldRow | undefined): Piece[] {
  if (!item) return [];
  const { hold } = item;
  const where = hold.rules[0] ? ` (${sanitize(placeOf(hold.rules[0]), 128)})` : "";
  return [
    piece("   "),
    piece(sanitize(hold.message, 512)),
    piece(store.size.columns >= 100 ? where : "", "quiet"),
    piece(store.size.columns >= 100 ? "; no answer is a no" : "", "quiet"),
  ];
}

function secondsLeft({ hold }: HoldRow, now: number): number {
  return Math.max(0, Math.ceil((hold.deadline - now) / 1000));
}

/** `1:48`, or `2h05` where it is long. */
function countdown(item: HoldRow, now: number): string {
  const left = secondsLeft(item, now);
  const two = (n: number) => String(n).padStart(2, "0");
  if (left >= 86_400) return `${Math.floor(left / 86_400)}d${two(Math.floor((left % 86_400) / 3600))}`;
  if (left >= 3600) return `${Math.floor(left / 3600)}h${two(Math.floor((left % 3600) / 60))}`;
  return `${Math.floor(left / 60)}:${two(left % 60)}`;
}

function tone(item: HoldRow, now: number): Tone {
  return secondsLeft(item, now) <= LAST_SECONDS ? "alarm" : "warn";
}

function timeBar(item: HoldRow, now: number, total: number): Piece {
  const { since, deadline } = item.hold;
  const share = deadline > since ? Math.max(0, Math.min(1, (deadline - now) / (deadline - since))) : 0;
  const full = Math.min(total, Math.ceil(share * total));
  return piece("━".repeat(full) + "╌".repeat(total - full), tone(item, now) === "alarm" ? "bad" : "warn");
}
