import { homedir } from "node:os";
import { sanitize } from "../../sanitize.ts";
import { fitColumns } from "../columns.ts";
import { ago, duration, moment, number } from "../format.ts";
import type { GatewayState } from "../gateway-state.ts";
import { type GatewayRow, pickedText } from "../gateways.ts";
import type { Rect } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import type { Store } from "../store.ts";
import { width } from "../text.ts";
import { amount, type Fact, facts } from "./facts.ts";
import { table, type Values } from "./table.ts";
import { type Names, title } from "./title.ts";

type ColumnId = "picked" | "name" | "state" | "where" | "calls" | "denied" | "held";

/** Every gateway, running or ended, and which of them are looked at. */
export function gateways(store: Store, rect: Rect, names: Names): string[] {
  const list = store.content().gateways;
  const now = store.now();
  const rows = Array.from({ length: list.length }, (_, index) => list.at(index));
  const widest = Math.max(8, ...rows.map((row) => width(sanitize(row?.name ?? "", 64))));
  const some = store.model.picked === null ? [] : [piece(sanitize(pickedText(store.model), 60), "warn")];
  const gap = rect.width < 70 ? 1 : 2;
  const columns = fitColumns<ColumnId>(
    [
      { id: "picked", title: "", min: 1, want: 1 },
      { id: "name", title: "gateway", min: 8, want: Math.min(widest, Math.floor(rect.width * 0.4)) },
      { id: "state", title: "state", min: 14, want: 16 },
      { id: "where", title: "where", min: 18, want: 18, grow: true, optional: 1 },
      { id: "calls", title: "calls", min: 6, want: 8, align: "right" },
      { id: "denied", title: "denied", min: 6, want: 7, align: "right" },
      { id: "held", title: "held", min: 4, want: 4, align: "right", optional: 2 },
    ],
    rect.width - 2,
    gap,
  );
  const values: Values<ColumnId, GatewayRow> = {
    picked: ({ picked }) => (picked ? piece("●", "good") : piece("○", "quiet")),
    name: ({ name, picked }) => piece(sanitize(name, 256), picked ? "strong" : "quiet"),
    state: ({ state }) => life(state, now),
    where: ({ state }) => piece(sanitize(where(state), 256), "quiet"),
    calls: ({ state }) => piece(number(state.totals.calls)),
    denied: ({ state }) => amount(state.totals.denied, "bad"),
    held: ({ state }) => amount(state.endedAt === null ? state.totals.held : 0, "alarm"),
  };
  return table(store, {
    pane: "gateways",
    rect,
    gap,
    columns,
    head: title(names, some, rect.width),
    list,
    values,
    empty: ["No gateway yet."],
  });
}

function life({ view, endedAt }: GatewayState, now: number): Piece {
  if (endedAt !== null) return piece(`ended ${ago(endedAt, now)}`, "warn");
  return piece(`up ${duration(now - view.startedAt)}`, "good");
}

function where({ view }: GatewayState): string {
  if (view.transport === "log") return `pid ${view.pid}, from the audit log`;
  return view.transport === "stdio" ? `stdio, pid ${view.pid}` : view.endpoints.join(" ");
}

/** Everything about one gateway. */
export function gatewayDetail({ name, state, picked }: GatewayRow, now: number): Piece[][] {
  const { view, policy, upstreams, totals, past, endedAt } = state;
  const told = (...lines: Fact[]) => (past ? [] : lines);
  return [
    [piece(sanitize(name, 256), "strong"), piece("  "), life(state, now)],
    [],
    ...facts([
      ["looked at", picked ? "yes" : "no"],
      ["agents by", where(state)],
      ...told(
        ["process", `${view.pid}, callgate ${view.version}`],
        ["folder", view.cwd.replace(homedir(), "~")],
      ),
      ["started", moment(view.startedAt, now)],
      ...(endedAt === null ? [] : [["ended", moment(endedAt, now)] as const]),
      ...told(["policy", `${policy.files.join(", ") || "none"}: ${policy.rules} rules`]),
      ...upstreams.map(
        ({ name: upstream, target }) => ["upstream", `${upstream}  ${target}`.trim()] as const,
      ),
      ["calls", `${number(totals.allowed)} allowed, ${number(totals.denied)} denied`],
      ["id", view.id],
    ]),
  ];
}
