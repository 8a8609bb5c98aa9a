/** Shares a row's width among its columns. */
export type Column<Id extends string = string> = {
  readonly id: Id;
  title: string;
  /** What it needs to be of use. */
  min: number;
  /** What it would like; the column that may `grow` takes all that is left. */
  want: number;
  grow?: boolean;
  /** Left out when there is no room, the lowest first. Without it, the column always stays. */
  optional?: number;
  align?: "right";
};

export type Fitted<Id extends string = string> = Column<Id> & { width: number };

/** The columns that fit into `total` cells with `gap` cells between them, in their order. */
export function fitColumns<Id extends string>(
  columns: readonly Column<Id>[],
  total: number,
  gap: number,
): Fitted<Id>[] {
  let kept = columns.map((column) => ({ ...column, width: Math.min(column.min, Math.max(column.want, 0)) }));
  kept = kept.filter((column) => column.want > 0);
  const room = () => total - kept.reduce((sum, { width }) => sum + width, 0) - gap * (kept.length - 1);
  while (room() < 0) {
    const [first] = kept
      .filter((c) => c.optional !== undefined)
      .sort((a, b) => (a.optional ?? 0) - (b.optional ?? 0));
    if (!first) break;
    kept = kept.filter((column) => column !== first);
  }
  for (const column of kept) {
    if (!column.grow) column.width += Math.max(0, Math.min(column.want - column.width, room()));
  }
  const growing = kept.find((column) => column.grow);
  if (growing) growing.width = Math.max(0, growing.width + room());
  return kept;
}
