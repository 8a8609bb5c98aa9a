import { sanitize } from "../../sanitize.ts";
import { fitColumns } from "../columns.ts";
import { duration, number } from "../format.ts";
import type { Rect } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import type { Store } from "../store.ts";
import { width } from "../text.ts";
import type { AgentRow } from "../traffic.ts";
import { amount, facts } from "./facts.ts";
import { table, type Values } from "./table.ts";
import { type Names, title } from "./title.ts";

type ColumnId = "here" | "agent" | "upstream" | "since" | "calls" | "denied" | "last";

/** Who calls: the agents that are connected, and those that were. */
export function agents(store: Store, rect: Rect, names: Names): string[] {
  const list = store.content().agents;
  const rows = Array.from({ length: list.length }, (_, index) => list.at(index));
  const widest = (text: (row: AgentRow) => string) =>
    Math.max(8, ...rows.map((row) => (row ? width(sanitize(text(row), 64)) : 0)));
  const gap = rect.width < 70 ? 1 : 2;
  const columns = fitColumns<ColumnId>(
    [
      { id: "here", title: "", min: 1, want: 1 },
      { id: "agent", title: "agent", min: 8, want: 8, grow: true },
      {
        id: "upstream",
        title: "upstream",
        min: 8,
        want: Math.min(
          20,
          widest((row) => row.upstream),
        ),
        optional: 2,
      },
      { id: "since", title: "since", min: 8, want: 8, align: "right", optional: 1 },
      { id: "calls", title: "calls", min: 6, want: 6, align: "right" },
      { id: "denied", title: "denied", min: 6, want: 6, align: "right" },
      { id: "last", title: "last", min: 8, want: 8, align: "right" },
    ],
    rect.width - 2,
    gap,
  );
  const values: Values<ColumnId, AgentRow> = {
    here: ({ open }) => (open ? piece("●", "good") : piece("○", "quiet")),
    agent: (row) => piece(sanitize(nameOf(row), 256), row.open ? "plain" : "quiet"),
    upstream: (row) => piece(sanitize(row.upstream, 256), "quiet"),
    since: (row) => piece(store.time(row.since), "quiet"),
    calls: (row) => amount(row.calls, "plain"),
    denied: (row) => amount(row.denied, "bad"),
    last: (row) => piece(row.lastTime === null ? "" : store.time(row.lastTime), "quiet"),
  };
  const here = rows.filter((row) => row?.open).length;
  const state = here > 0 ? [piece(`${number(here)} connected`, "good")] : [];
  const empty = ["No agent yet.", "They show when they connect."];
  return table(store, {
    pane: "agents",
    rect,
    gap,
    columns,
    head: title(names, state, rect.width),
    list,
    values,
    empty,
  });
}

const nameOf = ({ agent }: AgentRow): string => agent || "(no name given)";

/** Everything about one agent's session. */
export function agentDetail(store: Store, row: AgentRow): Piece[][] {
  const { era, open } = row;
  const state = open ? "connected" : era === "modern" ? "connects for each request" : "gone";
  return [
    [piece(sanitize(nameOf(row), 256), "strong"), piece(`  ${state}`, open ? "good" : "quiet")],
    [],
    ...facts([
      ["upstream", row.upstream],
      ["session", row.id],
      ["protocol", era === "modern" ? "2026-07-28 or newer, without sessions" : "up to 2025-11-25"],
      ["since", `${store.moment(row.since)}, for ${duration(store.now() - row.since)}`],
      ["calls", number(row.calls)],
      ["denied", number(row.denied)],
      ["last call", row.lastTime === null ? "none yet" : store.moment(row.lastTime)],
    ]),
    [],
    [piece(`:filter session=${sanitize(row.id, 64)} shows its calls.`, "quiet")],
  ];
}
