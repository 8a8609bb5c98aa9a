import type { RequestId } from "../wire/message.ts";
import { MAX_IN_FLIGHT } from "./calls/flights.ts";

/** Requests taken back that are remembered: an answer may be on its way. */
const MAX_WITHDRAWN = 1_000;

/** Requests of a server that its agent has not answered. */
export class Questions {
  readonly #open = new Set<RequestId>();
  readonly #withdrawn = new Set<RequestId>();

  /** false where there are too many already. */
  ask(id: RequestId): boolean {
    if (this.#open.size >= MAX_IN_FLIGHT) return false;
    this.#open.add(id);
    return true;
  }

  /** The server takes a request back: no answer may ever come. */
  withdraw(id: RequestId): void {
    if (!this.#open.delete(id)) return;
    this.#withdrawn.add(id);
    for (const oldest of this.#withdrawn) {
      if (this.#withdrawn.size <= MAX_WITHDRAWN) break;
      this.#withdrawn.delete(oldest);
    }
  }

  /** false where this is no answer to any. */
  answer(id: RequestId): boolean {
    return this.#open.delete(id) || this.#withdrawn.delete(id);
  }
}
