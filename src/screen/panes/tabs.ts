/** The names of the panes that share a place, and which one of them shows. */
import { number } from "../format.ts";
import type { BodyPane, Slot } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import { ails } from "../policy-rows.ts";
import type { Store } from "../store.ts";
import { type Names, name } from "./title.ts";

const NAMES: Record<BodyPane, string> = {
  calls: "Calls",
  counters: "Counters",
  denials: "Denials",
  tools: "Tools",
  agents: "Agents",
  policies: "Policies",
  gateways: "Gateways",
  log: "Log",
};

/** Of panes that share a place, the one gone to last. */
export function shownIn({ ui }: Store, { panes }: Slot): BodyPane {
  return ui.visited.find((pane) => panes.includes(pane)) ?? panes[0] ?? "calls";
}

/** A pane's name and how many it shows; where several share its place, the names of all. */
export function tabs(store: Store, { panes }: Slot, shown: BodyPane): Names {
  const content = store.content();
  // How often files were read is no number of policies.
  const deciding = store.model.policyRows.filter(({ kind }) => kind !== "reload").length;
  const count = (pane: BodyPane) => number(pane === "policies" ? deciding : content[pane].length);
  const tab = (each: BodyPane, rows: boolean): Piece[] => [
    ...(each !== panes[0] ? [piece("  ")] : []),
    ...name(NAMES[each], {
      focused: store.ui.pane === each,
      shown: each === shown,
      alarm: each === "policies" && store.model.policyRows.some(ails),
      rows: rows ? count(each) : "",
    }),
  ];
  const only = name(NAMES[shown], {
    focused: store.ui.pane === shown,
    shown: true,
    alarm: false,
    rows: count(shown),
  });
  return [
    panes.flatMap((each) => tab(each, true)),
    panes.flatMap((each) => tab(each, each === shown)),
    panes.flatMap((each) => tab(each, false)),
    only,
  ];
}

/** The pane whose name is at a column of a title as it is drawn; the one shown, where none is. */
export function tabAt(store: Store, slot: Slot, title: string, column: number): BodyPane {
  const at = slot.panes.find((pane) => {
    const found = new RegExp(`${NAMES[pane]}( [\\d,]+)?`).exec(title);
    return found !== null && column >= found.index && column < found.index + found[0].length;
  });
  return at ?? shownIn(store, slot);
}
