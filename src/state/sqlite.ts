import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CounterNeed } from "../policy/types.ts";
import { type Cell, CounterRows } from "./counter-rows.ts";
import { asStoreError, openStateFile, untilFree } from "./sqlite-file.ts";
import type { CounterValue, Reservation, Store } from "./store.ts";
import { CounterFull, StoreError } from "./store-error.ts";
import type { Span } from "./windows.ts";

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * The counters in a SQLite file, shared by every process of the machine that opens it.
 * @throws {StoreError} where the file cannot be opened or trusted.
 */
export function openSqliteStore(file: string): Store {
  const db = openStateFile(file);
  try {
    return new SqliteStore(db, file);
  } catch (error) {
    db.close();
    throw asStoreError(error, file);
  }
}

/** A reservation that knows who can give it back. */
class OwnReservation implements Reservation {
  readonly entries: Reservation["entries"];
  /** null once it has been given back, or is not in force. */
  keeper: SqliteStore | null;

  constructor(entries: Reservation["entries"], keeper: SqliteStore) {
    this.entries = entries;
    this.keeper = keeper;
  }
}

class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #rows: CounterRows;
  readonly #beginRead: StatementSync;
  readonly #beginWrite: StatementSync;
  readonly #commit: StatementSync;
  /** Reservations of the open transaction. */
  #uncommitted: OwnReservation[] = [];
  /** Whether the open transaction has anything to write. */
  #dirty = false;
  /** Counters that the open transaction has looked at, by id: each is read and written once, however many calls add. */
  #cells = new Map<string, Cell>();
  /** Those of them still to be written, and the time of the latest addition. */
  #unsaved = new Map<Cell, number>();
  /** Why what it had written is gone before its commit. */
  #lost: unknown = null;

  constructor(db: DatabaseSync, file: string) {
    this.#db = db;
    this.#file = file;
    this.#rows = new CounterRows(db);
    this.#beginRead = db.prepare("BEGIN");
    this.#beginWrite = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
  }

  /** `judge` must be pure: it is called a second time where it adds to counters that all said they only read. */
  reserve<T extends { readonly increments: readonly CounterNeed[] }>(
    needs: readonly CounterNeed[],
    time: number,
    judge: (before: ReadonlyMap<string, bigint>) => T,
  ): { judged: T; reservation: Reservation | null } {
    if (needs.every((need) => need.add === 0n)) {
      const judged = judge(needs.length === 0 ? NOTHING : this.#read(needs, time));
      if (!judged.increments.some((need) => need.add !== 0n)) return { judged, reservation: null };
    }
    // The lock is taken before the first look: nobody else adds between what judge sees and what it adds.
    return this.#write(() => {
      const cells = this.#look(needs, time);
      const judged = judge(valuesOf(cells));
      return { judged, reservation: this.#apply(cells, judged.increments, time) };
    });
  }

  /** Does nothing for a reservation that was given back before, or that another store made. */
  refund(reservation: Reservation, which: (need: CounterNeed) => boolean = () => true): void {
    if (!(reservation instanceof OwnReservation) || reservation.keeper !== this) return;
    this.#write(() => {
      this.#dirty = true;
      this.#save();
      this.#cells = new Map();
      for (const { need, windowStart } of reservation.entries) {
        if (which(need)) this.#rows.giveBack(need, windowStart);
      }
    });
    reservation.keeper = null;
  }

  set(need: CounterNeed, value: bigint, time: number): bigint {
    return this.#write(() => {
      this.#save();
      this.#cells.clear();
      const cell = this.#rows.look(need, time);
      this.#dirty = true;
      this.#rows.set(cell, value, time);
      return cell.used;
    });
  }

  commit(): void {
    try {
      if (this.#lost !== null) throw this.#lost;
      if (!this.#db.isOpen || !this.#db.isTransaction) return;
      this.#save();
      this.#commit.run();
      this.#uncommitted = [];
      this.#dirty = false;
      this.#cells = new Map();
    } catch (error) {
      this.#rollBack();
      throw asStoreError(error, this.#file);
    } finally {
      this.#lost = null;
    }
  }

  list(time: number, limit: number): CounterValue[] {
    return this.#readOnly(() => {
      this.#save();
      return this.#rows.list(time, limit);
    });
  }

  close(): void {
    if (!this.#db.isOpen) return;
    try {
      this.commit();
    } finally {
      this.#db.close();
    }
  }

  #read(needs: readonly CounterNeed[], time: number): Map<string, bigint> {
    return valuesOf(this.#readOnly(() => this.#look(needs, time)));
  }

  #look(needs: readonly CounterNeed[], time: number): Map<string, Cell> {
    const cells = new Map<string, Cell>();
    for (const need of needs) if (!cells.has(need.id)) cells.set(need.id, this.#cell(need, time));
    return cells;
  }

  #cell(need: CounterNeed, time: number): Cell {
    const known = this.#cells.get(need.id);
    if (known !== undefined && contains(known.span, time)) return known;
    const cell = this.#rows.look(need, time);
    // A sliding window moves with every look.
    if (this.#db.isTransaction && cell.view === null) this.#cells.set(need.id, cell);
    return cell;
  }

  #apply(cells: Map<string, Cell>, increments: readonly CounterNeed[], time: number): Reservation | null {
    const added: { need: CounterNeed; cell: Cell }[] = [];
    for (const need of increments) {
      if (need.add === 0n) continue;
      const cell = cells.get(need.id);
      if (cell === undefined)
        throw new StoreError(`counter ${need.id} was to be added to without being read.`);
      const used = cell.used + need.add;
      if (used > INT64_MAX || used < INT64_MIN) {
        throw new CounterFull(`counter ${need.id} would pass 9.2 trillion, which the store cannot hold.`);
      }
      added.push({ need, cell });
    }
    for (const { need, cell } of added) {
      cell.used += need.add;
      this.#unsaved.set(cell, time);
    }
    // What has left a sliding window is taken out even when nothing is added, or every denial would sum it again.
    for (const cell of cells.values()) {
      if (cell.view !== null && cell.view.expired !== 0n) this.#unsaved.set(cell, time);
    }
    if (this.#unsaved.size > 0) this.#dirty = true;
    const entries = added.map(({ need, cell }) => {
      if (cell.view !== null) this.#save(); // its events need their row
      return { need, windowStart: this.#rows.addEvent(cell, need.add) };
    });
    if (added.length === 0) return null;
    const reservation = new OwnReservation(entries, this);
    this.#uncommitted.push(reservation);
    return reservation;
  }

  /** Writes the counters that were added to. */
  #save(): void {
    let madeRow: number | null = null;
    for (const [cell, time] of this.#unsaved) {
      if (this.#rows.save(cell, time)) madeRow = time;
    }
    if (this.#unsaved.size > 0) this.#cells = new Map(); // they say what the rows said before
    this.#unsaved = new Map();
    // Last, when nothing that this transaction holds can look expired.
    if (madeRow !== null) this.#rows.prune(madeRow);
  }

  /** Does `action` in the open transaction, or opens one; `commit` ends it. */
  #write<T>(action: () => T): T {
    try {
      if (this.#lost !== null) throw this.#lost;
      if (!this.#db.isTransaction) untilFree(() => this.#beginWrite.run());
      return action();
    } catch (error) {
      const known = asStoreError(error, this.#file);
      // Errors of judge, and our own, come before anything is written: what others added in this transaction
      // stands. After one of SQLite nothing of it is sure.
      if (known !== error && this.#dirty) this.#lost = error;
      if (known !== error || !this.#dirty) this.#rollBack();
      throw known;
    }
  }

  #rollBack(): void {
    for (const reservation of this.#uncommitted) reservation.keeper = null;
    this.#uncommitted = [];
    this.#dirty = false;
    this.#cells = new Map();
    this.#unsaved = new Map();
    if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec("ROLLBACK");
  }

  /** Does `action` on one state of the file, whatever others write meanwhile. */
  #readOnly<T>(action: () => T): T {
    try {
      if (this.#db.isTransaction) return action();
      return untilFree(() => {
        try {
          this.#beginRead.run();
          return action();
        } finally {
          this.#cells = new Map();
          if (this.#db.isOpen && this.#db.isTransaction) this.#commit.run();
        }
      });
    } catch (error) {
      throw asStoreError(error, this.#file);
    }
  }
}

function contains({ start, end }: Span, time: number): boolean {
  return time >= start && (end === null || time < end);
}

const NOTHING: ReadonlyMap<string, bigint> = new Map();

function valuesOf(cells: Map<string, Cell>): Map<string, bigint> {
  const values = new Map<string, bigint>();
  for (const [id, cell] of cells) values.set(id, cell.used);
  return values;
}
