/** What a screen has not heard from a gateway: the calls of the last day in the audit log. */
import {
  type GatewayLog,
  latestCalls,
  logsSince,
  type PastCall,
  unreadableText,
} from "../control/past/logs.ts";
import type { Store } from "./store.ts";

/** Calls read, at most: what comes live must find room beside them. */
const MOST = 5_000;
/** Calls added at a time. */
const BATCH = 250;
const DAY_MS = 86_400_000;

/** A screen that is too slow again and again must not get slower by this: it is done at most so often, in ms. */
const EVERY_MS = 5_000;

export class Backfill {
  readonly #store: Store;
  readonly #auditDir: string;
  /** Until it may be done again. */
  #busy = false;
  #wanted = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** Lines that could not be read. */
  #told = 0;

  constructor(store: Store, auditDir: string) {
    this.#store = store;
    this.#auditDir = auditDir;
  }

  /** Adds what the screen has not got, the latest first: now, or when that is due again. */
  async start(): Promise<void> {
    this.#wanted = true;
    if (this.#busy) return;
    this.#busy = true;
    this.#wanted = false;
    try {
      await this.#fill();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      tell(this.#store, `${this.#auditDir} cannot be read: ${why}`);
    }
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#busy = false;
      if (this.#wanted) void this.start();
    }, EVERY_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #fill(): Promise<void> {
    const store = this.#store;
    const since = store.now() - DAY_MS;
    const logs = await logsSince(this.#auditDir, since);
    let unreadable = 0;
    const calls = latestCalls(logs, () => unreadable++);
    for await (const batch of inBatches(calls, since)) {
      if (this.#closed) return;
      store.live.past(batch, (gateway) => writtenBy(logs, gateway));
      store.changed();
    }
    if (unreadable > this.#told) tell(store, unreadableText(unreadable, this.#auditDir));
    this.#told = unreadable;
  }
}

function tell(store: Store, message: string): void {
  store.live.note(message, store.now());
  store.notice(message);
}

async function* inBatches(calls: AsyncGenerator<PastCall>, since: number): AsyncGenerator<PastCall[]> {
  let batch: PastCall[] = [];
  let all = 0;
  for await (const past of calls) {
    if (past.call.time < since || ++all > MOST) break;
    batch.push(past);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const writtenBy = (logs: readonly GatewayLog[], gateway: string): number =>
  logs.find((log) => log.gateway === gateway)?.written ?? 0;
