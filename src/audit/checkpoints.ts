import type { AuditLog, Sign } from "./log.ts";

/** How often a log is signed while it grows, in ms. */
export const SIGN_EVERY_MS = 10_000;

/** Signs a log from now on: at once, every ten seconds in which it grew, and at the end. No call waits for it. */
export class Checkpoints {
  readonly #log: AuditLog;
  readonly #sign: Sign;
  readonly #timer: NodeJS.Timeout;
  #signed = 0;

  /** @param attempt does work whose failure is shown, not thrown */
  constructor(log: AuditLog, sign: Sign, attempt: (work: () => void) => void) {
    this.#log = log;
    this.#sign = sign;
    attempt(() => this.checkpoint());
    this.#timer = setInterval(() => attempt(() => this.checkpoint()), SIGN_EVERY_MS);
    this.#timer.unref();
  }

  /** Signs what was added since, for the last time. @throws {AuditError} */
  close(): void {
    clearInterval(this.#timer);
    this.checkpoint();
  }

  /** Signs what was added since. @throws {AuditError} */
  checkpoint(): void {
    if (this.#log.seq === this.#signed) return;
    this.#log.checkpoint(this.#sign);
    this.#signed = this.#log.seq;
  }
}
