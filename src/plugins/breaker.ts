/** Crashes in this time, in ms, ... */
const WITHIN = 60_000;
/** ... that disable a plugin when they are this many. */
export const MOST_CRASHES = 5;

/** Counts how often one plugin took the host down. Once open it stays so: another version of the plugin has its own. */
export class Breaker {
  #crashes: number[] = [];
  #open = false;

  get open(): boolean {
    return this.#open;
  }

  /** @param now ms of a clock that only goes forward; returns whether this crash was the one too many */
  crashed(now: number): boolean {
    this.#crashes = [...this.#crashes.filter((time) => now - time < WITHIN), now];
    if (this.#open || this.#crashes.length < MOST_CRASHES) return false;
    this.#open = true;
    return true;
  }
}
