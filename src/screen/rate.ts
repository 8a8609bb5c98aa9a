/** Calls in each of the last 60 seconds. */
export const RATE_SECONDS = 60;

export class Rate {
  #buckets: number[] = new Array(RATE_SECONDS).fill(0);
  /** The second, since the epoch, of the last bucket. */
  #last = 0;

  reset(buckets: readonly number[], now: number): void {
    const recent = buckets.slice(-RATE_SECONDS);
    this.#buckets = [...new Array<number>(RATE_SECONDS - recent.length).fill(0), ...recent];
    this.#last = Math.floor(now / 1000);
  }

  add(time: number): void {
    const second = Math.floor(time / 1000);
    this.#advance(second);
    const index = RATE_SECONDS - 1 - (this.#last - second);
    const had = this.#buckets[index];
    if (had !== undefined) this.#buckets[index] = had + 1;
  }

  /** Oldest first, up to now. */
  read(now: number): readonly number[] {
    this.#advance(Math.floor(now / 1000));
    return this.#buckets;
  }

  #advance(second: number): void {
    const passed = Math.min(RATE_SECONDS, second - this.#last);
    if (passed <= 0) return;
    this.#buckets.splice(0, passed);
    while (this.#buckets.length < RATE_SECONDS) this.#buckets.push(0);
    this.#last = second;
  }
}
