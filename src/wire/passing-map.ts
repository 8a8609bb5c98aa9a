/** Entries that leave before the table is made anew. */
const DEPARTURES = 256;

/**
 * A map through which entries pass: each comes, stays for a moment and goes.
 *
 * A `Map` that is used so for hours keeps dead entries alive. Where deletions have filled its table it moves to a
 * new one, and V8 links the old table, entries and all, to the new. Once garbage collection has moved one table to
 * the old generation, every later one hangs on it, with all that ever passed, until the next full collection. A
 * new map now and then cuts the chain.
 */
export class PassingMap<K, V> {
  #map = new Map<K, V>();
  #departures = 0;

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    const deleted = this.#map.delete(key);
    // Not before as many have left as there are: copying stays cheap however full it is.
    if (deleted && ++this.#departures >= Math.max(DEPARTURES, this.#map.size)) {
      this.#departures = 0;
      this.#map = new Map(this.#map);
    }
    return deleted;
  }

  clear(): void {
    this.#map = new Map();
  }

  values(): MapIterator<V> {
    return this.#map.values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }
}
