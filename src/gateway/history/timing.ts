import type { TimingView } from "../../control/protocol.ts";

/** When a call passed its stations, in ms of `performance.now()`. */
export class Timing {
  readonly #began: number;
  #decided: number;
  /** Since when a person is asked; null while nobody is. */
  #asked: number | null = null;
  /** How long people were asked. */
  #held = 0;
  #left: number | null = null;
  #settled: number | null = null;

  /** @param began when judging it began */
  constructor(began: number) {
    this.#began = began;
    this.#decided = began;
  }

  /** A person answered. */
  resumed(now: number): void {
    if (this.#asked !== null) this.#held += now - this.#asked;
    this.#asked = null;
  }

  decided(asked: boolean): void {
    this.#decided = performance.now();
    if (asked) this.#asked = this.#decided;
    else this.resumed(this.#decided);
  }

  /** It is on its way to the server. */
  left(): void {
    this.#left = performance.now();
  }

  /** Returns how long the server took; null for a call that never got there. */
  settled(): number | null {
    this.#settled = performance.now();
    return this.#left === null ? null : this.#settled - this.#left;
  }

  view(): TimingView {
    const now = performance.now();
    const held = this.#held + (this.#asked === null ? 0 : now - this.#asked);
    // A held call is decided before it is held, and again after it.
    const gateEnd = this.#left ?? (this.#asked === null ? this.#decided : now);
    const end = this.#settled ?? (this.#left === null ? gateEnd : now);
    return {
      gate: rounded(Math.max(0, gateEnd - this.#began - held)),
      held: held === 0 ? null : rounded(held),
      server: this.#left === null ? null : rounded(end - this.#left),
      total: rounded(end - this.#began),
    };
  }
}

/** To a microsecond. */
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
