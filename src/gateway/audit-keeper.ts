import type { Checkpoints } from "../audit/checkpoints.ts";
import type { Gateway } from "./gateway.ts";

/** How often old logs are looked for, in ms. */
const RETENTION_MS = 3_600_000;

/** Signs a gateway's audit log, and removes what is too old of all logs: what no call waits for. */
export class AuditKeeper {
  readonly #gateway: Gateway;
  /** Days that logs are kept; null for ever. */
  readonly #keep: number | null;
  #checkpoints: Checkpoints | null = null;
  #signing: Promise<void> | null = null;
  #retention: NodeJS.Timeout | null = null;

  constructor(gateway: Gateway, keep: number | null) {
    this.#gateway = gateway;
    this.#keep = keep;
  }

  /** Signs from now on, and removes. */
  async attend(): Promise<void> {
    const [{ removeOld }] = await Promise.all([import("../audit/retention.ts"), this.#sign()]);
    const keep = this.#keep;
    if (keep === null) return;
    const { home, audit } = this.#gateway;
    const remove = () => {
      const files = removeOld(home.auditDir, keep, this.#gateway.clock(), audit.path);
      if (files.length === 0) return;
      this.#gateway.record({ kind: "removed", files });
      // Unsigned, it would not excuse that they are missing.
      this.#checkpoints?.checkpoint();
    };
    this.#gateway.attempt(remove);
    this.#retention = setInterval(() => this.#gateway.attempt(remove), RETENTION_MS);
    this.#retention.unref();
  }

  /** Signs what there is. A gateway that ends as soon as it started has not been attended to: a log that is closed is signed. */
  async close(): Promise<void> {
    await this.#sign();
    this.#gateway.turn.flush();
    if (this.#retention !== null) clearInterval(this.#retention);
    this.#gateway.attempt(() => this.#checkpoints?.close());
  }

  #sign(): Promise<void> {
    const { audit, home } = this.#gateway;
    const attempt = (work: () => void) => this.#gateway.attempt(work);
    this.#signing ??= Promise.all([import("../audit/checkpoints.ts"), import("../audit/key.ts")]).then(
      ([{ Checkpoints }, { openSigner }]) =>
        attempt(() => {
          this.#checkpoints = new Checkpoints(audit, openSigner(home.auditKey), attempt);
        }),
    );
    return this.#signing;
  }
}
