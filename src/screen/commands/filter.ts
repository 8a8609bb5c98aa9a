/** Showing only some of the calls. */

import { parseFilter } from "../../control/filter/parse.ts";
import type { Command } from "../command.ts";
import { Filtered } from "../filtered.ts";
import { bandHeight } from "../panes/band.ts";
import { promptOf } from "../prompt.ts";
import type { Store } from "../store.ts";

export const filterCommands: readonly Command[] = [
  {
    name: "filter",
    args: "[FILTER]",
    help: "shows only calls like tool:create_* verdict:deny arg.amount>500; nothing shows all again",
    run: (store, text) => setFilter(store, text),
  },
  {
    name: "filter-line",
    args: "",
    help: "types a filter",
    keysOnly: true,
    run(store) {
      const before = store.ui.filter;
      store.ui.prompt = promptOf("filter", {
        label: "/",
        text: before?.text ?? "",
        hint: "text  tool:create_*  verdict:deny  rule:cap  arg.amount>500  ms>100  since:5m  ! and or ( )",
        enter: (text) => setFilter(store, text),
        // The calls follow while it is typed.
        changed(text) {
          if (text === null) store.ui.filter = before;
          else if (parseFilter(text).ok) setFilter(store, text);
        },
      });
      return null;
    },
  },
  {
    name: "back",
    args: "",
    help: "back to the panes, or to all calls",
    keysOnly: true,
    run(store) {
      const { ui } = store;
      const had = bandHeight(store);
      if (ui.view === "panes") {
        ui.whatIfSeen = store.now();
        if (!ui.filter) return bandHeight(store) < had ? null : "there is nothing to go back from";
        return setFilter(store, "");
      }
      ui.view = ui.view === "help" && ui.detail ? "detail" : "panes";
      if (ui.view === "panes") ui.detail = null;
      ui.scroll = 0;
      return null;
    },
  },
];

function setFilter(store: Store, text: string): string | null {
  const parsed = parseFilter(text);
  if (!parsed.ok) return parsed.mistake.message;
  store.ui.filter = parsed.filter && new Filtered(text.trim(), parsed.filter);
  Object.assign(store.ui, { view: "panes", detail: null, follow: true });
  store.goTo("calls");
  return null;
}
