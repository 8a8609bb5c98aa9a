/** Moving about in what is looked at. */
import type { Command } from "../command.ts";
import { clamp, END, last, move, windowOf } from "../cursor.ts";
import { callInView } from "../detail.ts";
import { PANE_HEAD, type PaneName, slotOf } from "../layout.ts";
import type { Keyed, List } from "../ring.ts";
import type { Store } from "../store.ts";

export const moveCommands: readonly Command[] = [
  {
    name: "move",
    args: "ROWS",
    help: "rows down",
    keysOnly: true,
    run: (store, by) => go(store, Number(by)),
  },
  {
    name: "page",
    args: "PAGES",
    help: "half panes down",
    keysOnly: true,
    run: (store, pages) => go(store, Number(pages) * Math.max(1, Math.floor(visibleRows(store) / 2))),
  },
  {
    name: "first",
    args: "",
    help: "the first row",
    keysOnly: true,
    run(store) {
      const { ui } = store;
      if (ui.view !== "panes") scrollTo(store, 0);
      else if (empty(store)) return nothing(ui.pane);
      else {
        ui.follow = ui.follow && ui.pane !== "calls";
        ui.cursors[ui.pane] = { key: rows(store).at(0)?.key ?? null, line: 0 };
      }
      return null;
    },
  },
  {
    name: "last",
    args: "",
    help: "the last row",
    keysOnly: true,
    run(store) {
      const { ui } = store;
      if (ui.view !== "panes") scrollTo(store, Number.MAX_SAFE_INTEGER);
      else if (empty(store)) return nothing(ui.pane);
      else {
        ui.cursors[ui.pane] = ui.pane === "log" ? END : last(rows(store));
        if (ui.pane === "calls") ui.follow = true;
      }
      return null;
    },
  },
];

function go(store: Store, by: number): string | null {
  const { ui } = store;
  if (ui.view !== "panes") {
    scrollTo(store, (callInView(store)?.line ?? ui.scroll) + by);
    return null;
  }
  if (empty(store)) return nothing(ui.pane);
  const from = store.cursor(ui.pane);
  const to = move(rows(store), from, by, visibleRows(store));
  const stayed = to.key === rows(store).at(windowOf(rows(store), from, 1).selected)?.key;
  if (ui.pane === "calls" && ui.follow && by < 0) ui.follow = false;
  if (ui.pane !== "calls" || !ui.follow) ui.cursors[ui.pane] = to;
  if (!stayed) return null;
  return by > 0 ? "this is the last row" : "this is the first row";
}

/** The view knows its length when it is drawn, and stops there. */
function scrollTo(store: Store, row: number): void {
  const call = callInView(store);
  const to = clamp(row, 0, Number.MAX_SAFE_INTEGER);
  if (call) call.line = to;
  else store.ui.scroll = to;
}

function rows(store: Store): List<Keyed> {
  return store.content()[store.ui.pane];
}

function visibleRows(store: Store): number {
  const layout = store.layout();
  if (store.ui.view !== "panes") return layout.body.height - 1;
  const { pane } = store.ui;
  return (pane === "holds" ? layout.holds.height : (slotOf(layout, pane)?.height ?? 0)) - PANE_HEAD;
}

export function empty(store: Store): boolean {
  return rows(store).length === 0;
}

const NOTHING: Readonly<Record<PaneName, string>> = {
  holds: "no call is held: rules with `action: ask` hold them",
  calls: "no call yet: the first shows as soon as an agent makes it",
  counters: "no counter yet: rules with state or rate_limit make them",
  denials: "nothing was denied yet",
  tools: "no tool yet: they show when an agent lists or calls them",
  agents: "no agent yet: they show when they connect",
  policies: "there is no policy: everything is allowed",
  gateways: "no gateway yet",
  log: "nothing was logged yet",
};

/** Why there is no row to act on. */
export function nothing(pane: PaneName): string {
  return NOTHING[pane];
}
