/** Most frames told of one by one within `SPAN_MS`; the rest are told of together. */
const MOST = 50;
const SPAN_MS = 1_000;

/** How much is said of what a server says wrongly: one that says nothing else must not fill log and disk. */
export class Drops {
  /** All of them. */
  count = 0;
  #said = 0;
  #unsaid = 0;
  #timer: NodeJS.Timeout | null = null;
  #say: (reason: string) => void = () => {};

  /** @param say told why the frame was dropped, or how many more were */
  drop(reason: string, say: (reason: string) => void): void {
    this.count++;
    this.#say = say;
    this.#timer ??= setTimeout(() => this.flush(), SPAN_MS).unref();
    if (this.#said++ < MOST) say(reason);
    else this.#unsaid++;
  }

  /** Says what has not been said yet. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#unsaid > 0) this.#say(`${this.#unsaid} more within a second`);
    this.#said = 0;
    this.#unsaid = 0;
  }
}
