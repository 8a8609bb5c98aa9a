/** The whole screen as rows of text: a pure function of the store. Never more rows than the terminal has. */
import { callSheet } from "./call-sheet.ts";
import { clamp } from "./cursor.ts";
import type { Detail, OpenCall } from "./detail.ts";
import { type BodyPane, type Layout, type Rect, type Slot, SMALLEST } from "./layout.ts";
import { block, line, type Piece, piece } from "./line.ts";
import { paint } from "./paint.ts";
import { agents } from "./panes/agents.ts";
import { band } from "./panes/band.ts";
import { calls } from "./panes/calls.ts";
import { counterStrip, counters } from "./panes/counters.ts";
import { denials } from "./panes/denials.ts";
import { otherDetail } from "./panes/detail.ts";
import { footer } from "./panes/footer.ts";
import { gateways } from "./panes/gateways.ts";
import { header } from "./panes/header.ts";
import { help } from "./panes/help.ts";
import { holds } from "./panes/holds.ts";
import { log } from "./panes/log.ts";
import { policies } from "./panes/policies.ts";
import { shownIn, tabs } from "./panes/tabs.ts";
import { GUTTER, type Names, title } from "./panes/title.ts";
import { tools } from "./panes/tools.ts";
import { waiting } from "./panes/waiting.ts";
import type { Store } from "./store.ts";

export function frame(store: Store): string[] {
  const { columns, rows } = store.size;
  const layout = store.layout();
  if (layout.kind === "small") return tooSmall(columns, rows);
  const lines = [
    ...header(store, columns),
    ...band(store),
    ...holds(store),
    ...body(store),
    ...footer(store),
  ];
  return block(lines, columns, rows);
}

function body(store: Store): string[] {
  const { ui } = store;
  const layout = store.layout();
  const { body } = layout;
  if (ui.view === "help")
    return scrolled(
      store,
      "Help",
      inset(help({ ...ui, view: ui.detail ? "detail" : "panes" }, body.width - 4), body.width),
      body,
    );
  if (ui.view === "detail" && ui.detail)
    return scrolled(store, titleOf(ui.detail), detailRows(store, ui.detail, body), body);
  if (store.model.gateways.size === 0) {
    const { logs } = store.model;
    const trouble = logs.at(logs.length - 1)?.text ?? null;
    const lines = waiting(store.options.waitingFor, trouble, body.width - 4);
    return scrolled(store, null, inset(lines, body.width), body);
  }
  const drawn = compose(
    layout,
    layout.slots.map((slot) => ({ slot, lines: drawSlot(store, slot) })),
  );
  return layout.strip > 0 ? [...drawn, ...counterStrip(store, body.width, layout.strip)] : drawn;
}

const PANE: Record<BodyPane, (store: Store, rect: Rect, names: Names) => string[]> = {
  calls,
  counters,
  denials,
  tools,
  agents,
  policies,
  gateways,
  log,
};

function drawSlot(store: Store, slot: Slot): string[] {
  const pane = shownIn(store, slot);
  return PANE[pane](store, slot, tabs(store, slot, pane));
}

/** Puts what stands beside each other into the same rows. */
function compose({ body, strip }: Layout, drawn: readonly { slot: Slot; lines: string[] }[]): string[] {
  const divider = paint(" │ ", "quiet");
  return Array.from({ length: body.height - strip }, (_, row) =>
    drawn
      .filter(({ slot }) => row >= slot.top && row < slot.top + slot.height)
      .sort((a, b) => a.slot.left - b.slot.left)
      .map(({ slot, lines }) => lines[row - slot.top])
      .join(divider),
  );
}

const titleOf = (detail: Detail): string => (detail.kind === "answer" ? detail.title : TITLES[detail.kind]);

const TITLES: Record<Exclude<Detail["kind"], "answer">, string> = {
  call: "Call",
  counter: "Counter",
  denial: "Denials by rule",
  tool: "Tool",
  agent: "Agent",
  policy: "Policy",
  gateway: "Gateway",
  log: "Log",
};
function detailRows(store: Store, detail: Detail, body: Rect): string[] {
  if (detail.kind === "call") return callRows(store, detail, body);
  return inset(otherDetail(store, detail, body.width - 4), body.width);
}

/** A call's detail, with a mark at the row that keys are about. */
function callRows(store: Store, detail: OpenCall, body: Rect): string[] {
  const sheet = callSheet(detail, body.width);
  const { why, what, columns } = sheet;
  detail.line = clamp(detail.line, 0, sheet.length - 1);
  // Two rows go to the titles.
  store.ui.scroll = clamp(store.ui.scroll, detail.line - body.height + 2, detail.line);
  const marked = (rows: readonly (readonly Piece[])[], width: number, from: number) =>
    rows.map((pieces, row) => {
      const gutter = row + from === detail.line ? piece(`${GUTTER.chosen} `, "accent") : piece("  ");
      return line([gutter, ...pieces], width);
    });
  const said = what.map(({ pieces }) => pieces);
  if (!columns) return [...marked(why, body.width, 0), ...marked(said, body.width, why.length)];
  const left = block(inset(why, columns.why), columns.why, sheet.length);
  return beside(left, block(marked(said, columns.what, 0), columns.what, sheet.length));
}

function inset(lines: readonly (readonly Piece[])[], width: number): string[] {
  return lines.map((pieces) => line([piece("  "), ...pieces], width));
}

function scrolled(store: Store, heading: string | null, lines: readonly string[], rect: Rect): string[] {
  const { ui } = store;
  const height = rect.height - (heading ? 1 : 0);
  const most = Math.max(0, lines.length - height);
  ui.scroll = Math.min(ui.scroll, most);
  const shown = lines.slice(ui.scroll, ui.scroll + height);
  const below = most - ui.scroll;
  const state = below > 0 ? [piece(`${below} more below`, "quiet")] : [];
  const head = heading ? [title([[piece(heading, "accent")]], state, rect.width)] : [];
  return block([...head, ...shown], rect.width, rect.height);
}

function beside(left: readonly string[], right: readonly string[]): string[] {
  const divider = paint(" │ ", "quiet");
  return left.map((text, row) => text + divider + (right[row] ?? ""));
}

function tooSmall(columns: number, rows: number): string[] {
  const text = [
    `${columns}x${rows} is too small:`,
    `callgate needs ${SMALLEST.columns}x${SMALLEST.rows}.`,
    "Make it larger, or q quits.",
  ];
  return text.slice(0, rows).map((each) => line([piece(each, "warn")], columns));
}
