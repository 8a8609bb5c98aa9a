import type { CallView } from "../../control/protocol.ts";
import { sanitize } from "../../sanitize.ts";
import type { CallRow } from "../calls.ts";
import { type Column, fitColumns } from "../columns.ts";
import { latency, number } from "../format.ts";
import { FULL_COLUMNS, type Rect } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import type { Model } from "../model.ts";
import { oneLine } from "../one-line.ts";
import type { Tone } from "../paint.ts";
import type { Store } from "../store.ts";
import { width } from "../text.ts";
import { table, type Values } from "./table.ts";
import { type Names, title } from "./title.ts";

const VERDICTS: Record<CallView["verdict"], { text: string; tone: Tone }> = {
  allow: { text: "✓ allow", tone: "good" },
  deny: { text: "✗ DENY", tone: "bad" },
  ask: { text: "? HELD", tone: "alarm" },
};
/** What files in shadow mode would have made of it. */
const WOULD: Record<"deny" | "ask", { text: string; tone: Tone }> = {
  deny: { text: "would deny", tone: "warn" },
  ask: { text: "would ask", tone: "warn" },
};

const OUTCOMES: Record<NonNullable<CallView["outcome"]>, string> = {
  ok: "",
  denied: "",
  tool_error: "tool error",
  error: "error",
  input_required: "asks for input",
  cancelled: "cancelled",
  lost: "answer lost",
};

/** The stream of calls of all gateways, oldest at the top. */
export function calls(store: Store, rect: Rect, names: Names): string[] {
  const gap = rect.width < FULL_COLUMNS ? 1 : 2;
  const columns = fitColumns(callColumns(store.model, rect.width), rect.width - 2, gap);
  return table(store, {
    pane: "calls",
    rect,
    gap,
    columns,
    head: title(names, state(store), rect.width),
    list: store.content().calls,
    values: {
      ...values,
      time: ({ call }) => piece(store.time(call.time), "quiet"),
      gateway: ({ gateway }) => text(store.model.nameOf(gateway), "quiet"),
    },
    quiet: ({ past }) => past === true && store.loaded === null,
    empty: store.ui.filter
      ? [
          `No call is like ${sanitize(store.ui.filter.text, 60)}`,
          "esc shows all again, / changes the filter.",
        ]
      : ["No call yet.", "The first shows here as soon as an agent makes it."],
  });
}

type ColumnId =
  | "time"
  | "gateway"
  | "agent"
  | "upstream"
  | "tool"
  | "arguments"
  | "verdict"
  | "rule"
  | "took";

function callColumns(model: Model, total: number): Column<ColumnId>[] {
  const { shown } = model;
  const { widths, agents, shadowed } = model.calls;
  const wide = total >= FULL_COLUMNS;
  const gatewayShown = shown.length > 1;
  // A name that is the same in every row is in the header instead; where it is short of room, the gateway tells most.
  const agentShown = agents.many && (wide || !gatewayShown);
  // A gateway of one upstream goes by its name.
  const upstreamShown = shown.some(({ upstreams }) => upstreams.length > 1);
  const widest = Math.max(0, ...shown.map(({ view }) => width(sanitize(model.nameOf(view.id), 64))));
  const names = (seen: number, title: string, most: number) => Math.min(most, Math.max(seen, title.length));
  return [
    { id: "time", title: "time", min: 8, want: 8 },
    {
      id: "gateway",
      title: "gateway",
      min: 8,
      want: gatewayShown ? names(widest, "gateway", wide ? 20 : 14) : 0,
      optional: 4,
    },
    {
      id: "agent",
      title: "agent",
      min: 6,
      want: agentShown ? names(widths.agent, "agent", wide ? 16 : 8) : 0,
      optional: 1,
    },
    {
      id: "upstream",
      title: "upstream",
      min: 8,
      want: upstreamShown ? names(widths.upstream, "upstream", wide ? 16 : 8) : 0,
      optional: 2,
    },
    { id: "tool", title: "tool", min: 10, want: names(widths.tool, "tool", wide ? 26 : 14) },
    { id: "arguments", title: "arguments", min: wide ? 24 : 13, want: 13, grow: true },
    { id: "verdict", title: "verdict", min: shadowed ? 10 : 7, want: shadowed ? 10 : 7 },
    {
      id: "rule",
      title: "rule",
      min: 8,
      want: names(widths.rule, "answer lost", wide ? 32 : 18),
      optional: 3,
    },
    { id: "took", title: "took", min: 6, want: 6, align: "right" },
  ];
}

const text = (value: string, tone: Tone = "plain"): Piece => piece(sanitize(value, 256), tone);

const values: Values<Exclude<ColumnId, "time" | "gateway">, CallRow> = {
  agent: ({ call }) => text(call.agent, "quiet"),
  upstream: ({ call }) => text(call.upstream, "quiet"),
  tool: ({ call }) => text(call.tool, call.verdict === "deny" ? "bad" : "plain"),
  arguments: ({ call }) => piece(sanitize(oneLine(call.arguments.slice(0, 512)))),
  verdict: ({ call }) => verdictPiece(call),
  rule: ({ call }) =>
    call.would && call.verdict === "allow"
      ? text((call.rule ?? call.would.rule).name, "warn")
      : call.rule
        ? text(call.rule.name, call.verdict === "allow" ? "quiet" : VERDICTS[call.verdict].tone)
        : piece(call.outcome ? OUTCOMES[call.outcome] : "", "warn"),
  took: ({ call }) => (call.ms === null ? piece("…", "quiet") : piece(latency(call.ms), "quiet")),
};

function state(store: Store): Piece[] {
  const { ui, model } = store;
  if (ui.frozen) {
    const fresh = model.calls.arrived - ui.frozen.arrived;
    return [piece(`paused, ${number(fresh)} new`, "warn")];
  }
  const filtered = ui.filter ? [piece(`/${sanitize(ui.filter.text, 40)}  `, "accent")] : [];
  if (ui.follow && store.loaded === null) return [...filtered, piece("following", "good")];
  const { calls } = store.content();
  const at = calls.indexOf(store.cursor("calls").key ?? "");
  const past = calls.at(at)?.past && store.loaded === null ? [piece("from the audit log  ", "quiet")] : [];
  return [...filtered, ...past, piece(`${number(Math.max(0, at) + 1)} of ${number(calls.length)}`, "quiet")];
}

/** How a verdict reads, wherever it does. */
export function verdictPiece({
  verdict,
  rule,
  would,
  outcome,
}: Pick<CallView, "verdict" | "rule" | "would" | "outcome">): Piece {
  // An allowed call has a rule where an operator let it through.
  if (verdict === "allow" && rule !== null) return piece("✓ let by", "warn");
  if (verdict === "ask" && outcome !== null) return piece("? asked", "warn");
  return would && verdict === "allow" ? WOULD[would.verdict] : VERDICTS[verdict];
}
