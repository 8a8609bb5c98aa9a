import { keymap } from "../keymap.ts";
import { line, type Piece, piece, spread } from "../line.ts";
import { sanitize } from "../sanitize.ts";
import type { Store } from "../store.ts";

/** The keys of where you are; for a moment after one that could not act, why. */
export function footer(store: Store): string {
  const { ui, size, now } = store;
  if (ui.notice && ui.notice.until > now()) {
    return line([piece(` ${sanitize(ui.notice.text, 512)}`, "warn")], size.columns);
  }
  const pieces: Piece[] = [];
  for (const binding of keymap) {
    if (!binding.label || !binding.views.includes(ui.view)) continue;
    // Up needs no word of its own beside down.
    pieces.push(piece(` ${binding.keys[0]} `, "strong"), piece(`${binding.label} `, "quiet"));
  }
  return spread(pieces, [], size.columns);
}
