// Run by sqlite.test.ts where files cannot grow: adds counters until the store refuses one.
import { openSqliteStore } from "../../src/state/sqlite.ts";
import { add, need } from "./needs.ts";

const store = openSqliteStore(process.argv[2] ?? "");
const TIME = Date.parse("2025-06-15T12:00:00Z");
let committed = 0;
try {
  for (; committed < 10_000; committed++)
    add(store, [need(`counter ${committed}`.padEnd(500, "x"), 1n)], TIME);
} catch (error) {
  console.log(JSON.stringify({ committed, error: error instanceof Error ? error.message : String(error) }));
}
store.close();
