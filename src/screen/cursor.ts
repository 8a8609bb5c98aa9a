/** Where a person is in a list: the row chosen, and how far down the pane it sits, so that rows arriving or
 * leaving above do not move what they look at. */
import type { Keyed, List } from "./ring.ts";

export type Cursor = { readonly key: string | null; readonly line: number };

export const START: Cursor = { key: null, line: 0 };
/** On the last row, whichever that is. */
export const END: Cursor = { key: null, line: Number.MAX_SAFE_INTEGER };

export type Window = { top: number; selected: number };

/** The first row to show and the row chosen, for a pane of `height` rows. */
export function windowOf<T extends Keyed>(list: List<T>, cursor: Cursor, height: number): Window {
  if (list.length === 0) return { top: 0, selected: -1 };
  const end = cursor.key === null && cursor.line === END.line;
  const selected = end ? list.length - 1 : Math.max(0, cursor.key === null ? 0 : list.indexOf(cursor.key));
  const line = clamp(cursor.line, 0, Math.max(0, height - 1));
  return { top: clamp(selected - line, 0, Math.max(0, list.length - height)), selected };
}

/** The cursor `by` rows further; it stops at the ends. */
export function move<T extends Keyed>(list: List<T>, cursor: Cursor, by: number, height: number): Cursor {
  const { top, selected } = windowOf(list, cursor, height);
  if (selected < 0) return START;
  const next = clamp(selected + by, 0, list.length - 1);
  const line = clamp(next - top, 0, Math.max(0, height - 1));
  return { key: list.at(next)?.key ?? null, line };
}

/** The last row, at the bottom. */
export function last<T extends Keyed>(list: List<T>): Cursor {
  return { ...END, key: list.at(list.length - 1)?.key ?? null };
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
