/** What the commands that keys are bound to do. Each gives null, or why it cannot act now. */
import { clamp, last, move, windowOf } from "./cursor.ts";
import { openDetail } from "./detail.ts";
import { PANE_HEAD, PANES } from "./layout.ts";
import { type Keyed, type List, listOf } from "./ring.ts";
import type { Store } from "./store.ts";

type Command = (store: Store, argument: string) => string | null;

const commands: Record<string, Command> = {
  move: (store, by) => go(store, Number(by)),
  page: (store, pages) => go(store, Number(pages) * Math.max(1, Math.floor(visibleRows(store) / 2))),
  first(store) {
    const { ui } = store;
    if (ui.view !== "panes") ui.scroll = 0;
    else if (empty(store)) return nothing(store);
    else {
      ui.follow = ui.follow && ui.pane !== "calls";
      ui.cursors[ui.pane] = { key: rows(store).at(0)?.key ?? null, line: 0 };
    }
    return null;
  },
  last(store) {
    const { ui } = store;
    if (ui.view !== "panes") ui.scroll = Number.MAX_SAFE_INTEGER;
    else if (empty(store)) return nothing(store);
    else {
      ui.cursors[ui.pane] = last(rows(store));
      if (ui.pane === "calls") ui.follow = true;
    }
    return null;
  },
  open: (store) => (empty(store) ? nothing(store) : openDetail(store)),
  back({ ui }) {
    ui.view = ui.view === "help" && ui.detail ? "detail" : "panes";
    if (ui.view === "panes") ui.detail = null;
    ui.scroll = 0;
    return null;
  },
  pane({ ui }, direction) {
    const step = direction === "previous" ? -1 : 1;
    const next = (PANES.indexOf(ui.pane) + step + PANES.length) % PANES.length;
    ui.pane = PANES[next] ?? "calls";
    return null;
  },
  follow(store) {
    const { ui } = store;
    if (ui.frozen) return "paused: space goes on, then f follows";
    // Stopping stays where following was, it does not jump back to where it began.
    if (ui.follow) ui.cursors.calls = last(store.content().calls);
    ui.follow = !ui.follow;
    return null;
  },
  pause(store) {
    const { ui, model } = store;
    if (ui.frozen) ui.frozen = null;
    else if (model.gateways.size === 0) return "no gateway yet: there is nothing to pause";
    else
      ui.frozen = {
        calls: listOf(model.calls.toArray()),
        counters: listOf(model.counters),
        denials: listOf(model.denials),
        arrived: model.arrived,
      };
    return null;
  },
  help(store) {
    if (store.ui.view === "help") return runCommand(store, "back");
    store.ui.view = "help";
    store.ui.scroll = 0;
    return null;
  },
  quit(store) {
    store.options.quit();
    return null;
  },
};

/** Runs a command line; gives what to tell the person when it could not be done. */
export function runCommand(store: Store, text: string): string | null {
  const [name = "", ...rest] = text.trim().split(/\s+/);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return command ? command(store, rest.join(" ")) : `unknown command "${name}"; ? lists the keys`;
}

function go(store: Store, by: number): string | null {
  const { ui } = store;
  if (ui.view !== "panes") {
    // The view knows its length when it is drawn and stops the scroll there.
    ui.scroll = clamp(ui.scroll + by, 0, Number.MAX_SAFE_INTEGER);
    return null;
  }
  if (empty(store)) return nothing(store);
  const from = store.cursor(ui.pane);
  const to = move(rows(store), from, by, visibleRows(store));
  const stayed = to.key === rows(store).at(windowOf(rows(store), from, 1).selected)?.key;
  if (ui.pane === "calls" && ui.follow && by < 0) ui.follow = false;
  if (ui.pane !== "calls" || !ui.follow) ui.cursors[ui.pane] = to;
  if (!stayed) return null;
  return by > 0 ? "this is the last row" : "this is the first row";
}

function rows(store: Store): List<Keyed> {
  return store.content()[store.ui.pane];
}

function visibleRows(store: Store): number {
  const layout = store.layout();
  return store.ui.view === "panes" ? layout.panes[store.ui.pane].height - PANE_HEAD : layout.body.height - 1;
}

function empty(store: Store): boolean {
  return rows(store).length === 0;
}

const NOTHING = {
  calls: "no call yet: the first shows as soon as an agent makes it",
  counters: "no counter yet: rules with state or rate_limit make them",
  denials: "nothing was denied yet",
};

function nothing(store: Store): string {
  return NOTHING[store.ui.pane];
}
