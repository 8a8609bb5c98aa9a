/** What can be done with what is looked at. */
import { callSheet, jsonAt, type Sheet } from "../call-sheet.ts";
import type { Command } from "../command.ts";
import { copied } from "../copy.ts";
import { callInView, openNext } from "../detail.ts";
import { number } from "../format.ts";
import type { JsonRow } from "../json/rows.ts";
import { nothing } from "./move.ts";

export const detailCommands: readonly Command[] = [
  {
    name: "fold",
    args: "[all]",
    help: "folds or unfolds what is at the mark, or all of it",
    keysOnly: true,
    run(store, what) {
      const call = callInView(store);
      if (!call) return "there is nothing to fold here";
      const { all, paths } = call.folds;
      if (what === "all") {
        call.folds = { all: all !== true, paths: new Map() };
        return null;
      }
      const row = foldAt(callSheet(call, store.layout().body.width), call.line);
      if (row === null) return "nothing folds here: ▸ and ▾ mark what does";
      call.line = row.line;
      call.folds = { all, paths: new Map(paths).set(row.fold.path, !row.fold.folded) };
      return null;
    },
  },
  {
    name: "next",
    args: "CALLS",
    help: "the next call",
    keysOnly: true,
    run: (store, by) => openNext(store, Number(by) < 0 ? -1 : 1),
  },
  {
    name: "copy",
    args: "",
    help: "copies the value at the mark of a call's detail, else what is looked at, as JSON",
    run(store) {
      const { copy } = store.options;
      if (!copy) return "this screen has no terminal to copy by";
      void copied(store).then((text) => {
        if (text === null) return store.notice(nothing(store.ui.pane));
        copy(text);
        store.say(`copied ${number(text.length)} characters${MAYBE}`);
      });
      return null;
    },
  },
];

/** What folds at a row: what begins there, or else what the row is a part of. */
function foldAt(sheet: Sheet, line: number): { line: number; fold: NonNullable<JsonRow["fold"]> } | null {
  const here = jsonAt(sheet, line);
  if (here?.fold) return { line, fold: here.fold };
  if (!here?.within) return null;
  for (let above = line - 1; above >= 0; above--) {
    const fold = jsonAt(sheet, above)?.fold;
    if (fold?.path === here.within) return { line: above, fold };
  }
  return null;
}

/** No terminal answers whether it took it. */
const MAYBE = ", if this terminal lets programs copy (OSC 52)";
