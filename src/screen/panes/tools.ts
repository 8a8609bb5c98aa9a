import { sanitize } from "../../sanitize.ts";
import { fitColumns } from "../columns.ts";
import { count, latency, number } from "../format.ts";
import type { Rect } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import type { Tone } from "../paint.ts";
import type { Store } from "../store.ts";
import { width } from "../text.ts";
import type { ToolRow } from "../traffic.ts";
import { amount, type Fact, facts } from "./facts.ts";
import { table, type Values } from "./table.ts";
import { type Names, title } from "./title.ts";

type ColumnId = "name" | "upstream" | "class" | "calls" | "denied" | "errors" | "p50" | "p99";

const MEASURED = 100;

/** What agents can call and do call, and how it goes. */
export function tools(store: Store, rect: Rect, names: Names): string[] {
  const list = store.content().tools;
  const rows = Array.from({ length: Math.min(MEASURED, list.length) }, (_, index) => list.at(index));
  const widest = (text: (row: ToolRow) => string, most: number) =>
    Math.min(most, Math.max(4, ...rows.map((row) => (row ? width(sanitize(text(row), 128)) : 0))));
  const several = new Set(rows.map((row) => row?.upstream)).size > 1;
  const gap = rect.width < 70 ? 1 : 2;
  const columns = fitColumns<ColumnId>(
    [
      { id: "name", title: "tool", min: 10, want: 10, grow: true },
      {
        id: "upstream",
        title: "upstream",
        min: 8,
        want: several ? widest((row) => row.upstream, 16) : 0,
        optional: 1,
      },
      { id: "class", title: "class", min: 6, want: widest(classText, 20), optional: 4 },
      { id: "calls", title: "calls", min: 6, want: 6, align: "right" },
      { id: "denied", title: "denied", min: 6, want: 6, align: "right" },
      { id: "errors", title: "errors", min: 6, want: 6, align: "right", optional: 3 },
      { id: "p50", title: "p50", min: 6, want: 6, align: "right", optional: 2 },
      { id: "p99", title: "p99", min: 6, want: 6, align: "right", optional: 5 },
    ],
    rect.width - 2,
    gap,
  );
  const values: Values<ColumnId, ToolRow> = {
    name: (row) => piece(sanitize(row.name, 256), row.hidden ? "quiet" : "plain"),
    upstream: (row) => piece(sanitize(row.upstream, 256), "quiet"),
    class: (row) => piece(sanitize(classText(row), 64), classTone(row)),
    calls: (row) => amount(row.calls, "plain"),
    denied: (row) => amount(row.denied, "bad"),
    errors: (row) => amount(row.errors, "warn"),
    p50: (row) => piece(row.p50 === null ? "" : latency(row.p50), "quiet"),
    p99: (row) => piece(row.p99 === null ? "" : latency(row.p99), "quiet"),
  };
  const empty = ["No tool yet.", "They show when an agent lists or calls them."];
  return table(store, {
    pane: "tools",
    rect,
    gap,
    columns,
    head: title(names, [], rect.width),
    list,
    values,
    empty,
  });
}

/** Several classes: nothing tells which. */
function classText({ classes, hidden }: ToolRow): string {
  const [only = "", ...more] = classes;
  const text = more.length > 0 ? "unclear" : only;
  return hidden ? `${text} (hidden)` : text;
}

function classTone({ classes, hidden }: ToolRow): Tone {
  if (hidden || classes.length !== 1) return "quiet";
  return classes[0] === "read" ? "quiet" : classes[0] === "write" ? "plain" : "warn";
}

/** Everything about one tool. */
export function toolDetail(store: Store, row: ToolRow): Piece[][] {
  const { classes } = row;
  const kind = classes.length > 1 ? `unclear: it may be any of ${classes.join(", ")}` : (classes[0] ?? "");
  const lines: Fact[] = [
    ["upstream", row.upstream],
    ["class", kind],
    [
      "agents",
      row.hidden
        ? "do not see it, and are denied it"
        : row.listed
          ? "see it"
          : "call it, though the server has not listed it",
    ],
    null,
    ["calls", number(row.calls)],
    ["denied", number(row.denied)],
    ["errors", number(row.errors)],
    ["last call", row.lastTime === null ? "none yet" : store.moment(row.lastTime)],
  ];
  if (row.p50 !== null && row.p99 !== null)
    lines.push(
      null,
      ["half", `of its answers took ${latency(row.p50)} or less`],
      ["99 of 100", `${latency(row.p99)} or less`],
    );
  return [
    [
      piece(sanitize(row.name, 256), "strong"),
      piece(row.calls > 0 ? `  ${count(row.calls, "call")}` : "", "quiet"),
    ],
    [],
    ...facts(lines),
    [],
    [
      piece(
        `:filter tool=${sanitize(row.name, 64)} shows its calls; :block ${sanitize(row.name, 64)} denies it for now.`,
        "quiet",
      ),
    ],
  ];
}
