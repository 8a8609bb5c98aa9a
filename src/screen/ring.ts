/** A list that rows are looked up in by position or key. */
export type List<T> = {
  readonly length: number;
  at(index: number): T | undefined;
  /** -1 when it is not there. */
  indexOf(key: string): number;
};

export type Keyed = { readonly key: string };

/** The newest `capacity` rows, oldest first. */
export class Ring<T extends Keyed> implements List<T> {
  readonly #capacity: number;
  #rows: T[] = [];
  /** Position in `#rows` of the oldest row, once it is full. */
  #start = 0;
  /** How many rows were ever put out; what `#places` counts from, so that a put-out row moves no other. */
  #gone = 0;
  #places = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#rows.length;
  }

  at(index: number): T | undefined {
    if (index < 0 || index >= this.#rows.length) return undefined;
    return this.#rows[(this.#start + index) % this.#rows.length];
  }

  indexOf(key: string): number {
    const place = this.#places.get(key);
    return place === undefined ? -1 : place - this.#gone;
  }

  get(key: string): T | undefined {
    return this.at(this.indexOf(key));
  }

  push(row: T): void {
    this.#places.set(row.key, this.#gone + this.#rows.length);
    if (this.#rows.length < this.#capacity) {
      this.#rows.push(row);
      return;
    }
    const oldest = this.#rows[this.#start];
    if (oldest) this.#places.delete(oldest.key);
    this.#rows[this.#start] = row;
    this.#start = (this.#start + 1) % this.#capacity;
    this.#gone++;
    this.#places.set(row.key, this.#gone + this.#capacity - 1);
  }

  /** Puts a newer state of a row in its place. */
  replace(row: T): void {
    const index = this.indexOf(row.key);
    if (index >= 0) this.#rows[(this.#start + index) % this.#rows.length] = row;
  }

  toArray(): T[] {
    return [...this.#rows.slice(this.#start), ...this.#rows.slice(0, this.#start)];
  }

  /** Starts again with these rows, the newest that fit. */
  reset(rows: readonly T[]): void {
    this.#rows = rows.slice(-this.#capacity);
    this.#start = 0;
    this.#gone = 0;
    this.#places = new Map(this.#rows.map((row, index) => [row.key, index]));
  }
}

/** A list that does not change, over rows that are there already. */
export function listOf<T extends Keyed>(rows: readonly T[]): List<T> {
  let places: Map<string, number> | null = null;
  return {
    length: rows.length,
    at: (index) => rows[index],
    indexOf(key) {
      places ??= new Map(rows.map((row, index) => [row.key, index]));
      return places.get(key) ?? -1;
    },
  };
}
