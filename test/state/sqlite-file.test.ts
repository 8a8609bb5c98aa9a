import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openSqliteStore } from "../../src/state/sqlite.ts";
import { StoreError } from "../../src/state/store-error.ts";
import { add, need, read } from "./needs.ts";
import { scratch } from "./scratch.ts";

const TIME = Date.parse("2025-06-15T12:00:00Z");

function sqlite(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

/** Opening fails, says why, and leaves the bytes as they were. */
function refuses(file: string, why: string): void {
  const before = readFileSync(file);
  const open = () => openSqliteStore(file);
  expect(open).toThrow(StoreError);
  expect(open).toThrow(why);
  expect(open).toThrow(file);
  expect(readFileSync(file).equals(before)).toBe(true);
}

test("a file that is no database is refused", () => {
  const file = join(scratch(), "state.db");
  writeFileSync(file, "my precious notes, which are no database at all\n".repeat(50));
  refuses(file, "not a SQLite database; it was left as it is");
});

test("another program's database is refused", () => {
  const dir = scratch();
  sqlite(join(dir, "a.db"), "CREATE TABLE recipes (name TEXT)");
  refuses(join(dir, "a.db"), "some other program");
  sqlite(join(dir, "b.db"), "PRAGMA application_id = 7; CREATE TABLE t (x)");
  refuses(join(dir, "b.db"), "some other program");
});

test("a newer Callgate's file is refused", () => {
  const file = join(scratch(), "state.db");
  openSqliteStore(file).close();
  sqlite(file, "PRAGMA user_version = 99");
  refuses(file, "newer Callgate");
});

test("a damaged file is refused when the damage is met", () => {
  const file = join(scratch(), "state.db");
  const store = openSqliteStore(file);
  for (let i = 0; i < 200; i++) add(store, [need(`counter ${i}`, 1n)], TIME);
  store.close();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4096);
  writeFileSync(file, bytes);
  expect(() => {
    const damaged = openSqliteStore(file);
    try {
      add(damaged, [need("counter 5", 1n)], TIME);
    } finally {
      damaged.close();
    }
  }).toThrow("it is damaged");
});

test("an empty file becomes a store; one that others could read is closed to them", () => {
  const file = join(scratch(), "state.db");
  writeFileSync(file, "");
  chmodSync(file, 0o644);
  const store = openSqliteStore(file);
  add(store, [need("spend", 1n)], TIME);
  expect(read(store, need("spend", 0n), TIME)).toBe(1n);
  store.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a path that cannot be a file says so", () => {
  const dir = scratch();
  mkdirSync(join(dir, "state.db"));
  expect(() => openSqliteStore(join(dir, "state.db"))).toThrow(StoreError);
  expect(() => openSqliteStore(join(dir, "missing", "state.db"))).toThrow("in a folder you can write");
});
