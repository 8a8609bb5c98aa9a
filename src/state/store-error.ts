/** The store cannot be reached or trusted. The message says what happened, to which file, and what to do. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}

/** A counter would pass what the store can hold: the call's own doing, and no trouble of the store. */
export class CounterFull extends StoreError {
  override readonly name = "CounterFull";
}
