import type { AuditLog } from "../audit/log.ts";
import type { Store } from "../state/store.ts";

/** How long a record that nothing waits for may stay in memory, in ms. */
const LAZY_MS = 50;

/** A frame that leaves once all that was decided before it is durable. */
interface Departure {
  send(): void;
  /** Called instead where it cannot be made durable. */
  refuse(reason: string): void;
}

/**
 * Group commit: what the calls of one turn of the event loop (all frames of a chunk) reserved and recorded is made durable in one
 * transaction and one write, and only then do the calls leave. An allowed call is on disk before it is on the
 * wire, and thirty calls at once cost hardly more than one.
 */
export class Turn {
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #onTrouble: (error: Error) => void;
  #departures: Departure[] = [];
  #due = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(store: Store, audit: AuditLog, onTrouble: (error: Error) => void) {
    this.#store = store;
    this.#audit = audit;
    this.#onTrouble = onTrouble;
  }

  /** Whether something waits to leave, so that what comes after it must wait as well. */
  get waiting(): boolean {
    return this.#departures.length > 0;
  }

  /** `send` is called at the end of the turn; `refuse` instead where what it stands on cannot be made durable. */
  depart(send: () => void, refuse: (reason: string) => void): void {
    this.#departures.push({ send, refuse });
    this.soon();
  }

  /** Something was decided: makes it durable at the end of this turn. */
  soon(): void {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => this.flush());
  }

  /** Something was recorded that nothing waits for. */
  later(): void {
    // Left to run when all is written before: a timer a call would cost more than one that finds nothing to do.
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.flush();
    }, LAZY_MS);
  }

  /** Makes all of it durable now, and sends what waited for it. */
  flush(): void {
    this.#due = false;
    const departures = this.#departures;
    this.#departures = [];
    const failure = this.#attempt(() => this.#store.commit()) ?? this.#attempt(() => this.#audit.flush());
    for (const { send, refuse } of departures) {
      if (failure === null) send();
      else refuse(failure);
    }
  }

  #attempt(work: () => void): string | null {
    try {
      work();
      return null;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#onTrouble(error);
      return error.message;
    }
  }
}
