/** What the mouse does. */
import { windowOf } from "./cursor.ts";
import { callInView } from "./detail.ts";
import { frame } from "./frame.ts";
import { HEADER_ROWS, PANE_HEAD, type PaneName, type Slot } from "./layout.ts";
import { bandHeight } from "./panes/band.ts";
import { shownIn, tabAt } from "./panes/tabs.ts";
import type { Keyed, List } from "./ring.ts";
import type { Store } from "./store.ts";

/** Both from 0. `wheel`: rows down, 0 for a click. */
export type Mouse = { readonly column: number; readonly row: number; readonly wheel: number };

const SGR = /\x1b\[[\d;]*m/g;

/** A click chooses a row, and opens or folds the one chosen already; the wheel moves in what is under it. */
export function pointAt(store: Store, mouse: Mouse): void {
  const { ui } = store;
  if (ui.prompt) return;
  if (ui.view !== "panes") inDetail(store, mouse);
  else {
    const at = paneAt(store, mouse);
    if (at) inPane(store, at, mouse.wheel);
  }
  store.changed("person");
}

function inDetail(store: Store, { row, wheel }: Mouse): void {
  if (wheel !== 0) return store.run(`move ${wheel}`);
  const call = callInView(store);
  const { body } = store.layout();
  const line = row - top(store) - 1 + store.ui.scroll;
  if (!call || line < store.ui.scroll || line >= store.ui.scroll + body.height - 1) return;
  const again = call.line === line;
  call.line = line;
  if (again) store.run("fold");
}

/** A row of a pane, from its title (-2) and its columns' titles (-1) on. */
type At = { readonly pane: PaneName; readonly row: number; readonly height: number };

function paneAt(store: Store, { column, row }: Mouse): At | null {
  const { holds, slots } = store.layout();
  const above = row - HEADER_ROWS - bandHeight(store);
  if (above >= 0 && above < holds.height)
    return { pane: "holds", row: above - 1, height: holds.height - PANE_HEAD };
  const y = above - holds.height;
  const slot = slots.find((each) => within(each, column, y));
  if (!slot) return null;
  const title = (frame(store)[row] ?? "").replace(SGR, "").slice(slot.left);
  const pane = y === slot.top ? tabAt(store, slot, title, column - slot.left) : shownIn(store, slot);
  return { pane, row: y - slot.top - PANE_HEAD, height: slot.height - PANE_HEAD };
}

function within({ left, top: from, width, height }: Slot, column: number, row: number): boolean {
  return column >= left && column < left + width && row >= from && row < from + height;
}

function inPane(store: Store, { pane, row, height }: At, wheel: number): void {
  const had = store.ui.pane;
  store.goTo(pane);
  if (wheel !== 0) return store.run(`move ${wheel}`);
  const list: List<Keyed> = store.content()[pane];
  const { top: first, selected } = windowOf(list, store.cursor(pane), height);
  const index = first + row;
  const item = row < 0 || row >= height ? undefined : list.at(index);
  if (!item) return;
  if (index === selected && had === pane) return store.run("detail");
  if (pane === "calls") store.ui.follow = false;
  store.ui.cursors[pane] = { key: item.key, line: row };
}

/** The first row below the header, the band and the holds. */
function top(store: Store): number {
  return HEADER_ROWS + bandHeight(store) + store.layout().holds.height;
}
