/** The values used last, by their keys, and no more of them than there is room for. */
export class Latest<T> {
  readonly #capacity: number;
  /** Used last, last. */
  readonly #values = new Map<string, T>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The value of a key, made where there is none; then the one not used for longest may have to go. */
  use(key: string, make: () => T): T {
    const value = this.#values.get(key) ?? make();
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#capacity) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        break;
      }
    }
    return value;
  }

  list(): T[] {
    return [...this.#values.values()];
  }
}
