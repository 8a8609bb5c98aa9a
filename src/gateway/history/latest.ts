interface Used<T> {
  readonly key: string;
  readonly value: T;
  /** Rises with every use of any. */
  used: number;
}

/** The values used last, by their keys, and no more of them than there is room for. */
export class Latest<T> {
  readonly #capacity: number;
  #values = new Map<string, Used<T>>();
  #uses = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The value of a key, made where there is none; then those not used for longest may have to go. */
  use(key: string, make: () => T): T {
    const known = this.#values.get(key);
    const entry = known ?? { key, value: make(), used: 0 };
    entry.used = ++this.#uses;
    if (known === undefined) this.#add(entry);
    return entry.value;
  }

  #add(entry: Used<T>): void {
    this.#values.set(entry.key, entry);
    if (this.#values.size <= this.#capacity) return;
    // Many at once: to look for the oldest at each new one would cost its length each time.
    const kept = this.#inOrder().slice(-Math.ceil(this.#capacity / 2));
    this.#values = new Map(kept.map((each) => [each.key, each]));
  }

  /** Used last, last. */
  list(): T[] {
    return this.#inOrder().map(({ value }) => value);
  }

  #inOrder(): Used<T>[] {
    return [...this.#values.values()].sort((a, b) => a.used - b.used);
  }
}
