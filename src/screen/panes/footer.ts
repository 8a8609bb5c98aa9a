import { sanitize } from "../../sanitize.ts";
import { chosenHold } from "../holds.ts";
import { type Binding, keymap, worksIn } from "../keymap.ts";
import { line, type Piece, piece, piecesWidth } from "../line.ts";
import type { Store } from "../store.ts";
import { promptRows } from "./prompt.ts";

/** With nothing to watch, the keys that still do something. */
const STANDING = new Set(["help", "quit"]);

/** The line being typed; else the keys of where you are; for a moment, what has been done or why it cannot be. */
export function footer(store: Store): string[] {
  const { ui, size } = store;
  if (ui.prompt) return promptRows(store, ui.prompt);
  if (ui.notice && ui.notice.until > store.now())
    return [line([piece(` ${sanitize(ui.notice.text, 512)}`, ui.notice.tone)], size.columns)];
  return [line(keys(store), size.columns)];
}

function keys(store: Store): Piece[] {
  const { ui, model, size } = store;
  const waiting = ui.view === "panes" && model.gateways.size === 0;
  let shown = keymap.filter(
    (binding) =>
      binding.label !== undefined &&
      worksIn(binding, ui) &&
      (!waiting || STANDING.has(binding.label)) &&
      (binding.when !== "held" || chosenHold(store) !== null) &&
      (binding.when !== "several" || model.gateways.size > 1),
  );
  // Help and quit are always there, and so is what answers a hold.
  while (piecesWidth(labelled(shown)) > size.columns) {
    const [first] = shown
      .filter((binding) => binding.optional !== undefined)
      .sort((a, b) => (a.optional ?? 0) - (b.optional ?? 0));
    if (!first) break;
    shown = shown.filter(({ label }) => label !== first.label);
  }
  return labelled(shown);
}

function labelled(shown: readonly Binding[]): Piece[] {
  const labels = new Map<string, string[]>();
  for (const { label = "", keys } of shown) labels.set(label, [...(labels.get(label) ?? []), keys[0] ?? ""]);
  return [...labels].flatMap(([label, keys]) => [
    piece(` ${keys.join("/")} `, "strong"),
    piece(`${label} `, "quiet"),
  ]);
}
