const SECONDS = 60;

/** How often something happened in each of the last 60 seconds. */
export class Rate {
  readonly #counts = new Array<number>(SECONDS).fill(0);
  /** Seconds since the epoch, of the newest count. */
  #newest = 0;

  /** @param time ms since the epoch */
  count(time: number): void {
    this.#moveTo(Math.floor(time / 1000));
    this.#counts[this.#newest % SECONDS] = (this.#counts[this.#newest % SECONDS] ?? 0) + 1;
  }

  /** Oldest second first; `now` is in ms since the epoch. */
  read(now: number): number[] {
    this.#moveTo(Math.floor(now / 1000));
    const oldest = (this.#newest + 1) % SECONDS;
    return [...this.#counts.slice(oldest), ...this.#counts.slice(0, oldest)];
  }

  #moveTo(second: number): void {
    if (second - this.#newest >= SECONDS) this.#counts.fill(0);
    else for (let s = this.#newest + 1; s <= second; s++) this.#counts[s % SECONDS] = 0;
    if (second > this.#newest) this.#newest = second;
  }
}
