/** The store cannot be reached or trusted. The message says what happened, to which file, and what to do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}
