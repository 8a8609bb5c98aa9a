import { keymap } from "../keymap.ts";
import { line, type Piece, piece } from "../line.ts";
import { sanitize } from "../sanitize.ts";
import type { Store } from "../store.ts";

/** With nothing to watch, the keys that still do something. */
const STANDING = new Set(["help", "quit"]);

/** The keys of where you are; for a moment after one that could not act, why. */
export function footer(store: Store): string {
  const { ui, model, size } = store;
  if (ui.notice && ui.notice.until > store.now()) {
    return line([piece(` ${sanitize(ui.notice.text, 512)}`, "warn")], size.columns);
  }
  const labels = new Map<string, string[]>();
  const waiting = ui.view === "panes" && model.gateways.size === 0;
  for (const { label, keys, views } of keymap) {
    if (waiting && !STANDING.has(label ?? "")) continue;
    if (label && views.includes(ui.view)) labels.set(label, [...(labels.get(label) ?? []), keys[0] ?? ""]);
  }
  const pieces: Piece[] = [];
  for (const [label, keys] of labels) {
    pieces.push(piece(` ${keys.join("/")} `, "strong"), piece(`${label} `, "quiet"));
  }
  return line(pieces, size.columns);
}
