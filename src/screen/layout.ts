/** Where everything goes, for a size of terminal. */
export type Size = { readonly columns: number; readonly rows: number };
export type PaneName = "holds" | "calls" | "counters" | "denials";
export const PANES: readonly PaneName[] = ["holds", "calls", "counters", "denials"];

export type Rect = { readonly width: number; readonly height: number };

/**
 * `narrow`: one pane at a time, the fullest counters in a strip below the calls.
 * `stacked`: calls above counters and denials. `wide`: calls beside them.
 */
export type Layout = {
  readonly kind: "small" | "narrow" | "stacked" | "wide";
  /** Rows between the header (with the band of errors and the holds) and the footer. */
  readonly body: Rect;
  readonly panes: Readonly<Record<PaneName, Rect>>;
  /** Rows of the strip of counters; 0 without one. */
  readonly strip: number;
};

export const SMALLEST: Size = { columns: 40, rows: 10 };
/** From this width on, the calls have all their columns. */
export const FULL_COLUMNS = 100;
export const HEADER_ROWS = 2;
export const FOOTER_ROWS = 1;
/** What is told above a line being typed. */
export const HINT_ROWS = 1;
/** A pane's title and its columns' titles. */
export const PANE_HEAD = 2;

export type Shown = { pane: PaneName; band: number; counters: number; holds: number; prompt: boolean };

export function layoutOf(size: Size, shown: Shown): Layout {
  const { columns, rows } = size;
  const footer = FOOTER_ROWS + (shown.prompt ? HINT_ROWS : 0);
  const room = Math.max(0, rows - HEADER_ROWS - footer - shown.band);
  const holds = { width: columns, height: holdRows(shown.holds, room) };
  const height = room - holds.height;
  const body = { width: columns, height };
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return one("small", body, holds, 0);
  if (columns >= 170 && height >= 24) {
    const side = Math.min(84, Math.floor(columns * 0.38));
    const upper = Math.floor(height / 2);
    return {
      kind: "wide",
      body,
      strip: 0,
      panes: {
        holds,
        calls: { width: columns - side - 3, height },
        counters: { width: side, height: upper },
        denials: { width: side, height: height - upper },
      },
    };
  }
  if (columns >= 110 && height >= 24) {
    const lower = Math.max(7, Math.floor(height * 0.28));
    const left = Math.floor((columns - 3) * 0.54);
    return {
      kind: "stacked",
      body,
      strip: 0,
      panes: {
        holds,
        calls: { width: columns, height: height - lower },
        counters: { width: left, height: lower },
        denials: { width: columns - 3 - left, height: lower },
      },
    };
  }
  const strip =
    shown.pane === "calls" && height >= 14 && shown.counters > 0 ? Math.min(4, shown.counters + 1) : 0;
  return one("narrow", body, holds, strip);
}

/** The strip of holds, on top of whatever is looked at: up to a third of the terminal. */
function holdRows(holds: number, room: number): number {
  if (holds === 0) return 0;
  return Math.min(PANE_HEAD + holds, Math.max(PANE_HEAD + 1, Math.floor(room / 3)), room);
}

function one(kind: "small" | "narrow", body: Rect, holds: Rect, strip: number): Layout {
  const rect = { width: body.width, height: body.height - strip };
  return { kind, body, strip, panes: { holds, calls: rect, counters: rect, denials: rect } };
}
