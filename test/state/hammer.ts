// One of the processes of processes.test.ts: adds `step` to a day and a sliding counter while both stay within
// `limit`, and says on stdout what it added, once the store has it.
import { writeSync } from "node:fs";
import type { CounterNeed, Window } from "../../src/policy/types.ts";
import { openSqliteStore } from "../../src/state/sqlite.ts";

const [file = "", limitText = "0", attempts = "0"] = process.argv.slice(2);
const limit = BigInt(limitText);
const windows: Window[] = [
  { kind: "calendar", unit: "day", timezone: "UTC" },
  { kind: "sliding", ms: 600_000 },
];
const needs = windows.map(
  (window): CounterNeed => ({
    id: `hammer/${window.kind}`,
    upstream: "u",
    scope: "s",
    counter: "c",
    window,
    partition: "",
    add: 3n,
  }),
);

const store = openSqliteStore(file);
for (let i = 0; i < Number(attempts); i++) {
  const { reservation } = store.reserve(needs, 1_750_000_000_000 + i, (before) => ({
    increments: needs.every((need) => (before.get(need.id) ?? 0n) + need.add <= limit) ? needs : [],
  }));
  const refunded = reservation !== null && i % 7 === 0;
  if (refunded) store.refund(reservation);
  store.commit();
  if (reservation !== null && !refunded) writeSync(1, "+");
}
writeSync(1, ".");
store.close();
