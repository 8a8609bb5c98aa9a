import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { StoreError } from "./store-error.ts";

/** Marks a SQLite file as Callgate's (`PRAGMA application_id`): "CGAT". */
const APPLICATION_ID = 0x43474154;

/** How long one process waits for another's write, in ms. */
const BUSY_MS = 5000;

/**
 * What brings a file from each `user_version` to the next. Append only: files of every version are out there.
 *
 * `counter` has a row for each counter and window; `start` is 0 where the window is not a calendar's. Of the
 * instants (ms since the epoch): `end` is null where the window has none, `seen` is the latest at which `used`
 * was brought up to date, and from `expires` on the row can be dropped (null: never).
 * `event` holds what sliding counters added and when, so that it can be taken out again.
 */
const MIGRATIONS = [
  `CREATE TABLE counter (
     id TEXT NOT NULL,
     start INTEGER NOT NULL,
     end INTEGER,
     used INTEGER NOT NULL,
     seen INTEGER NOT NULL,
     expires INTEGER,
     upstream TEXT NOT NULL,
     scope TEXT NOT NULL,
     counter TEXT NOT NULL,
     window TEXT NOT NULL,
     partition TEXT NOT NULL,
     PRIMARY KEY (id, start)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX counter_expires ON counter (expires) WHERE expires IS NOT NULL;
   CREATE TABLE event (
     id TEXT NOT NULL,
     time INTEGER NOT NULL,
     amount INTEGER NOT NULL,
     PRIMARY KEY (id, time)
   ) STRICT, WITHOUT ROWID;`,
];

/**
 * Opens the counters' file, made 0600 where it is missing, and brings its schema up to date.
 * A file that is not Callgate's, or is a newer one's, is left as it was.
 * @throws {StoreError} where it cannot be opened or trusted.
 */
export function openStateFile(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    makePrivate(file);
    const opened = new DatabaseSync(file, { timeout: BUSY_MS });
    db = opened;
    const version = untilFree(() => inTransaction(opened, "BEGIN", () => recognise(opened, file)));
    untilFree(() => opened.exec("PRAGMA journal_mode = WAL"));
    // In WAL mode NORMAL survives a crash of the process whole, and one of the machine without corruption.
    opened.exec("PRAGMA synchronous = NORMAL");
    if (version < MIGRATIONS.length) untilFree(() => migrate(opened, file));
    return opened;
  } catch (error) {
    db?.close();
    if (error instanceof StoreError || !(error instanceof Error)) throw error;
    throw unusable(error, file);
  }
}

function makePrivate(file: string): void {
  // SQLite gives the -wal and -shm files the mode of this one.
  // A file that is there is not opened here: closing it would drop the locks that this process has on it.
  if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
}

/**
 * The schema version of a file that may be trusted; 0 for an empty one. Changes nothing. To be called within a
 * transaction: another process may be making the file.
 */
function recognise(db: DatabaseSync, file: string): number {
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
  const owner = Number(db.prepare("PRAGMA application_id").get()?.application_id);
  const tables = Number(db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n);
  if (owner !== APPLICATION_ID && (owner !== 0 || version !== 0 || tables !== 0)) {
    throw new StoreError(
      `${file} is a SQLite database of some other program; it was left as it is. ` +
        "Move it elsewhere, or set CALLGATE_HOME to another folder.",
    );
  }
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `${file} was written by a newer Callgate (its schema is ${version}, this one knows ${MIGRATIONS.length}); ` +
        "it was left as it is. Update Callgate, or set CALLGATE_HOME to another folder.",
    );
  }
  return version;
}

function migrate(db: DatabaseSync, file: string): void {
  inTransaction(db, "BEGIN IMMEDIATE", () => {
    // Another process may have done it between our look and our lock.
    for (const step of MIGRATIONS.slice(recognise(db, file))) db.exec(step);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function inTransaction<T>(db: DatabaseSync, begin: string, action: () => T): T {
  db.exec(begin);
  try {
    const result = action();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

const BUSY = 5;
const CANTOPEN = 14;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Repeats what SQLite refuses without waiting (it does so where waiting could deadlock), within the same limit. */
export function untilFree<T>(action: () => T): T {
  const deadline = performance.now() + BUSY_MS;
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (primaryCode(error) !== BUSY || performance.now() >= deadline) throw error;
      Atomics.wait(sleeper, 0, 0, 1 + Math.random() * 4);
    }
  }
}

/** SQLite's primary result code of an error that it threw; null for any other error. */
function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}

const ADVICE: { readonly [code: number]: string } = {
  5: "another process kept it locked for 5 s. Look for a hung program that has it open",
  8: "it cannot be written. Check its permissions and those of its folder",
  10: "the disk failed. Check the disk, then restore the file or move it away",
  11: "it is damaged. Stop the gateways, then restore it or move it away to start from zero counters",
  13: "the disk is full. Free some space",
  14: "it cannot be opened. Check that the path is a file in a folder you can write",
  26: "it is not a SQLite database; it was left as it is. Move it away to start from zero counters",
};

/** An error of SQLite as a `StoreError`; any other comes back as it is. */
export function asStoreError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  if (error.code !== "ERR_SQLITE_ERROR" && error.code !== "ERR_INVALID_STATE") return error;
  return unusable(error, file);
}

function unusable(error: Error, file: string): StoreError {
  const advice = ADVICE[primaryCode(error) ?? CANTOPEN] ?? "check the file and its folder";
  return new StoreError(`state file ${file} cannot be used (${error.message}): ${advice}.`, { cause: error });
}

/** An integer column of a row. @throws {StoreError} where it is not one, which only a damaged file can bring. */
export function integer(row: Row | undefined, column: string): bigint {
  const value = row?.[column];
  if (typeof value === "bigint") return value;
  throw new StoreError(`the state file has no whole number in column "${column}"; it is damaged.`);
}

/** A text column of a row, likewise. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw new StoreError(`the state file has no text in column "${column}"; it is damaged.`);
}

type Row = Record<string, SQLOutputValue>;
