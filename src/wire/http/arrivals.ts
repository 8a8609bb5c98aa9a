import type { IncomingMessage } from "node:http";

/** Bytes of unfinished messages that are held, of all agents together; a lone message may be longer. */
const MAX_HELD = 256 * 1024 * 1024;

/** The messages that are arriving. Many long ones that never end must not fill the memory: the longest are cut off. */
export class Arrivals {
  readonly #held = new Map<IncomingMessage, number>();
  #total = 0;

  /** `bytes` more of a message have come. */
  grew(request: IncomingMessage, bytes: number): void {
    this.#held.set(request, (this.#held.get(request) ?? 0) + bytes);
    this.#total += bytes;
    while (this.#total > MAX_HELD && this.#held.size > 1) {
      const [longest] = [...this.#held].reduce((a, b) => (b[1] > a[1] ? b : a));
      this.over(longest);
      longest.destroy();
    }
  }

  /** The message is whole, or will never be. */
  over(request: IncomingMessage): void {
    this.#total -= this.#held.get(request) ?? 0;
    this.#held.delete(request);
  }
}
