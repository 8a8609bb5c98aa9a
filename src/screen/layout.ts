/** Where everything goes, for a size of terminal. */
export type Size = { readonly columns: number; readonly rows: number };

/** The panes below the holds, in the order that tab goes through them and that the digits name them. */
export const BODY_PANES = [
  "calls",
  "counters",
  "denials",
  "tools",
  "agents",
  "policies",
  "gateways",
  "log",
] as const;
export type BodyPane = (typeof BODY_PANES)[number];
export type PaneName = "holds" | BodyPane;
export const PANES: readonly PaneName[] = ["holds", ...BODY_PANES];

export type Rect = { readonly width: number; readonly height: number };

/** A place in the body where one of its panes shows, the others as tabs. `top` and `left` are the body's. */
export type Slot = Rect & {
  readonly panes: readonly BodyPane[];
  readonly top: number;
  readonly left: number;
};

/**
 * `narrow`: one pane at a time, the fullest counters in a strip below the calls.
 * `stacked`: calls above two others. `wide`: calls beside two others, or where it is high as well, all at once.
 */
export type Layout = {
  readonly kind: "small" | "narrow" | "stacked" | "wide";
  /** Rows between the header (with the band of errors and the holds) and the footer. */
  readonly body: Rect;
  /** Above the body. */
  readonly holds: Rect;
  readonly slots: readonly Slot[];
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
/** Cells between two panes side by side. */
export const DIVIDER = 3;

export type Shown = { pane: PaneName; band: number; counters: number; holds: number; prompt: boolean };

export function layoutOf(size: Size, shown: Shown): Layout {
  const { columns, rows } = size;
  const footer = FOOTER_ROWS + (shown.prompt ? HINT_ROWS : 0);
  const room = Math.max(0, rows - HEADER_ROWS - footer - shown.band);
  const holds = { width: columns, height: holdRows(shown.holds, room) };
  const height = room - holds.height;
  const body = { width: columns, height };
  const narrow = (kind: "small" | "narrow", strip: number): Layout => {
    const slot = { panes: BODY_PANES, top: 0, left: 0, width: columns, height: height - strip };
    return { kind, body, holds, slots: [slot], strip };
  };
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return narrow("small", 0);
  if (columns >= 170 && height >= 24) return { kind: "wide", body, holds, slots: wide(body), strip: 0 };
  if (columns >= 110 && height >= 24) return { kind: "stacked", body, holds, slots: stacked(body), strip: 0 };
  const strip = shown.pane === "calls" && height >= 14 && shown.counters > 0;
  return narrow("narrow", strip ? Math.min(4, shown.counters + 1) : 0);
}

/** The place of a body's pane; of the holds, that of the calls. */
export function slotOf({ slots }: Layout, pane: PaneName): Slot | undefined {
  return slots.find(({ panes }) => pane !== "holds" && panes.includes(pane)) ?? slots[0];
}

/** From this height on, a wide body has room for all panes. */
const HIGH = 44;
/** What shares the two places beside or below the calls. */
const FIRST = ["counters", "tools", "policies"] as const;
const SECOND = ["denials", "agents", "gateways", "log"] as const;

function wide(body: Rect): Slot[] {
  const { width, height } = body;
  const side = Math.min(84, Math.floor(width * 0.4));
  const left = width - side;
  /** Places below each other beside the calls, sharing this many rows. */
  const column = (
    total: number,
    shares: readonly (readonly [panes: Slot["panes"], share: number])[],
  ): Slot[] => {
    let taken = 0;
    return shares.map(([panes, share], index) => {
      const rows = index === shares.length - 1 ? total - taken : Math.round(total * share);
      taken += rows;
      return { panes, top: taken - rows, left, width: side, height: rows };
    });
  };
  if (height < HIGH)
    return [
      { panes: ["calls"], top: 0, left: 0, width: left - DIVIDER, height },
      ...column(height, [
        [FIRST, 0.5],
        [SECOND, 0.5],
      ]),
    ];
  const lower = Math.round(height * 0.22);
  const top = height - lower;
  const half = Math.floor((left - 2 * DIVIDER) * 0.45);
  return [
    { panes: ["calls"], top: 0, left: 0, width: left - DIVIDER, height: top },
    { panes: ["policies"], top, left: 0, width: half, height: lower },
    { panes: ["log"], top, left: half + DIVIDER, width: left - half - 2 * DIVIDER, height: lower },
    ...column(top, [
      [["counters"], 0.34],
      [["denials"], 0.28],
      [["tools"], 0.38],
    ]),
    { panes: ["agents", "gateways"], top, left, width: side, height: lower },
  ];
}

function stacked({ width, height }: Rect): Slot[] {
  const lower = Math.max(7, Math.floor(height * 0.28));
  const half = Math.floor((width - DIVIDER) * 0.54);
  const top = height - lower;
  const right = half + DIVIDER;
  return [
    { panes: ["calls"], top: 0, left: 0, width, height: top },
    { panes: FIRST, top, left: 0, width: half, height: lower },
    { panes: SECOND, top, left: right, width: width - right, height: lower },
  ];
}

/** The strip of holds, on top of whatever is looked at: up to a third of the terminal. */
function holdRows(holds: number, room: number): number {
  if (holds === 0) return 0;
  return Math.min(PANE_HEAD + holds, Math.max(PANE_HEAD + 1, Math.floor(room / 3)), room);
}
