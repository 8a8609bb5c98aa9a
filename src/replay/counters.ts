import type { CounterSet } from "../audit/record.ts";
import { counterId } from "../policy/counters/counters.ts";
import { decimalFromText } from "../policy/counters/decimal.ts";
import type { Store } from "../state/store.ts";
import { StoreError } from "../state/store-error.ts";
import { windowFromText } from "../state/window-text.ts";

/** An operator made a counter stand at a value: it does so whatever came before. */
export function setCounter(store: Store, { after, at, ...counter }: CounterSet): void {
  const window = windowFromText(counter.window);
  const { upstream, scope, counter: name, partition } = counter;
  const id = counterId(upstream, scope, name, window, partition);
  const value = decimalFromText(after, true);
  if (typeof value !== "bigint") return;
  store.set({ id, upstream, scope, counter: name, window, partition, add: 0n }, value, at);
}

/** Counters as they were for a call that went uncounted. */
export const UNREACHABLE: Store = {
  reserve: unreachable,
  refund: () => {},
  set: unreachable,
  commit: () => {},
  list: () => [],
  close: () => {},
};

function unreachable(): never {
  throw new StoreError("they could not be reached.");
}
