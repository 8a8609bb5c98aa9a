import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CounterNeed, Window } from "../policy/types.ts";
import { SlidingEvents, type SlidingView } from "./sliding.ts";
import { integer, text } from "./sqlite-file.ts";
import type { CounterValue } from "./store.ts";
import { windowFromText, windowToText } from "./window-text.ts";
import { type Span, windowAt } from "./windows.ts";

const HOUR = 3_600_000;
const DAY = 86_400_000;

/** A session's counters are dropped when nothing has been added to them for this long. */
const SESSION_KEPT = 30 * DAY;

/** Expired rows that a new row sweeps away: more than one, so that the file stays bounded. */
const PRUNED_PER_ROW = 4;

/** One counter as one transaction sees it. */
export interface Cell {
  readonly need: CounterNeed;
  readonly span: Span;
  /** What the file has; null where it has no row yet. */
  readonly row: { readonly used: bigint; readonly seen: number; readonly expires: number | null } | null;
  /** For a sliding window only. */
  readonly view: SlidingView | null;
  /** Micros, as of the transaction's time and with what it has added so far. */
  used: bigint;
}

/** Reads and writes the counters' rows. Every method is to be called within a transaction. */
export class CounterRows {
  readonly #sliding: SlidingEvents;
  readonly #get: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #extend: StatementSync;
  readonly #give: StatementSync;
  readonly #expired: StatementSync;
  readonly #delete: StatementSync;
  readonly #list: StatementSync;

  constructor(db: DatabaseSync) {
    const exact = { readBigInts: true };
    this.#sliding = new SlidingEvents(db);
    this.#get = db.prepare("SELECT used, seen, expires FROM counter WHERE id = ? AND start = ?", exact);
    this.#insert = db.prepare("INSERT INTO counter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#update = db.prepare("UPDATE counter SET used = ?, seen = ? WHERE id = ? AND start = ?");
    this.#extend = db.prepare("UPDATE counter SET expires = ? WHERE id = ? AND start = ?");
    // Back to zero at most; a counter already below it (allow_negative) is not raised.
    this.#give = db.prepare(
      "UPDATE counter SET used = max(used - ?1, min(used, 0)) WHERE id = ?2 AND start = ?3",
    );
    this.#expired = db.prepare(
      `SELECT id, start FROM counter WHERE expires <= ? LIMIT ${PRUNED_PER_ROW}`,
      exact,
    );
    this.#delete = db.prepare("DELETE FROM counter WHERE id = ? AND start = ?");
    this.#list = db.prepare(
      "SELECT * FROM counter WHERE start <= ?1 AND (end IS NULL OR end > ?1) ORDER BY seen DESC, id LIMIT ?2",
      exact,
    );
  }

  /** The counter in its window that contains `time`. */
  look(need: CounterNeed, time: number): Cell {
    const { window } = need;
    const span = window.kind === "sliding" ? SLIDING_SPAN : windowAt(window, time);
    const found = this.#get.get(need.id, span.start);
    if (found === undefined) {
      const view = window.kind === "sliding" ? { used: 0n, at: time, expired: 0n } : null;
      return { need, span, row: null, view, used: 0n };
    }
    const row = {
      used: integer(found, "used"),
      seen: Number(integer(found, "seen")),
      expires: found.expires === null ? null : Number(integer(found, "expires")),
    };
    const view = window.kind === "sliding" ? this.#sliding.view(need.id, row, window.ms, time) : null;
    return { need, span, row, view, used: view?.used ?? row.used };
  }

  /** Writes a cell's `used`; says whether that made a new row. */
  save({ need, span, row, view, used }: Cell, time: number): boolean {
    const { id, window } = need;
    const seen = view?.at ?? time;
    const expires = expiryOf(window, span, seen);
    if (row === null) {
      const { upstream, scope, counter, partition } = need;
      const names = [upstream, scope, counter, windowToText(window), partition];
      this.#insert.run(id, span.start, span.end, used, seen, expires, ...names);
      return true;
    }
    this.#update.run(used, seen, id, span.start);
    if (window.kind === "sliding" && view !== null) this.#sliding.settle(id, row, window.ms, view);
    // `expires` is indexed, so it moves in steps.
    if (expires !== null && row.expires !== null && Math.abs(expires - row.expires) > DAY) {
      this.#extend.run(expires, id, span.start);
    }
    return false;
  }

  /** Makes a counter stand at `value`, whatever has been counted in the cell's window. */
  set(cell: Cell, value: bigint, time: number): void {
    const made = this.save({ ...cell, used: value }, time);
    const { need, view } = cell;
    const { id, window } = need;
    if (window.kind === "sliding" && view !== null) this.#sliding.set(id, window.ms, view.at, value);
    if (made) this.prune(time);
  }

  /** Records one increment of a saved cell; returns the `windowStart` to give it back by. */
  addEvent({ need: { id, window }, span, view }: Cell, amount: bigint): number {
    if (window.kind !== "sliding" || view === null) return span.start;
    return this.#sliding.add(id, window.ms, view.at, amount);
  }

  giveBack({ id, add, window }: CounterNeed, windowStart: number): void {
    if (window.kind !== "sliding") {
      this.#give.run(add, id, windowStart);
      return;
    }
    const found = this.#get.get(id, SLIDING_SPAN.start);
    if (found === undefined) return;
    const seen = Number(integer(found, "seen"));
    if (!this.#sliding.takeBack(id, window.ms, seen, windowStart, add)) return;
    this.#update.run(integer(found, "used") - add, seen, id, SLIDING_SPAN.start);
  }

  /** Drops some rows that expired by `time`. Called when a row was made, so that they cannot pile up. */
  prune(time: number): void {
    for (const row of this.#expired.all(time)) {
      const id = text(row, "id");
      if (this.#sliding.drop(id)) this.#delete.run(id, integer(row, "start"));
    }
  }

  /** The counters whose window contains `time`, those used last first. */
  list(time: number, limit: number): CounterValue[] {
    const values: CounterValue[] = [];
    for (const row of this.#list.iterate(time, limit)) {
      const window = windowFromText(text(row, "window"));
      let used = integer(row, "used");
      let resetsAt = row.end === null ? null : Number(integer(row, "end"));
      if (window.kind === "sliding") {
        const id = text(row, "id");
        used = this.#sliding.view(id, { used, seen: Number(integer(row, "seen")) }, window.ms, time).used;
        resetsAt = this.#sliding.emptyAt(id, window.ms);
        // All of it has left the window: the counter is where one without a row is.
        if (resetsAt === null || resetsAt <= time) continue;
      }
      const [upstream, scope] = [text(row, "upstream"), text(row, "scope")];
      const [counter, partition] = [text(row, "counter"), text(row, "partition")];
      values.push({ upstream, scope, counter, window, partition, used, resetsAt });
    }
    return values;
  }
}

const SLIDING_SPAN: Span = { start: 0, end: null };

/** From when on a row is of no use to anyone (ms since the epoch); null: never. */
function expiryOf(window: Window, { start, end }: Span, seen: number): number | null {
  switch (window.kind) {
    case "calendar":
      // Kept for one window more, so that a call that waited finds what it adds to or gives back.
      return end === null ? null : end + Math.max(end - start, HOUR);
    case "sliding":
      return seen + window.ms + 2 * DAY;
    case "session":
      return seen + SESSION_KEPT;
    case "forever":
      return null;
  }
}
