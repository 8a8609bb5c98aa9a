import type { CounterNeed, Window } from "../../src/policy/types.ts";
import type { Reservation, Store } from "../../src/state/store.ts";

export const DAY: Window = { kind: "calendar", unit: "day", timezone: "UTC" };

export function need(counter: string, add: bigint, window: Window = DAY, partition = ""): CounterNeed {
  const id = `payments/create_charge/${counter}/${JSON.stringify(window)}/${partition}`;
  return { id, upstream: "payments", scope: "create_charge", counter, window, partition, add };
}

/** Adds without asking, and commits. */
export function add(store: Store, needs: readonly CounterNeed[], time: number): Reservation | null {
  const { reservation } = store.reserve(needs, time, () => ({ increments: needs }));
  store.commit();
  return reservation;
}

export function read(store: Store, what: CounterNeed, time: number): bigint {
  return store.reserve([{ ...what, add: 0n }], time, (before) => ({
    increments: [],
    value: before.get(what.id) ?? -1n,
  })).judged.value;
}
