import { AuditError } from "./audit-error.ts";
import { GENESIS, seal } from "./chain.ts";
import { lastOf } from "./last.ts";
import { dayOf, LogFile } from "./log-file.ts";
import type { RecordBody } from "./record.ts";

/** A file that has grown to this is followed by another. */
export const MAX_BYTES = 64 * 1024 * 1024;

/** Signs the hash that a chain has come to. */
export type Sign = (hash: string) => { readonly key: string; readonly signature: string };

/**
 * One gateway's audit log: the files `<YYYY-MM-DD>-<gateway>.jsonl` of a folder, a new one for each UTC day and
 * for each 64 MiB, joined to one chain by their `open` records. No file is ever opened twice for writing: a second
 * one on the same day is `<YYYY-MM-DD>-<gateway>.2.jsonl`, so that what a crash left torn stays at the end of its
 * file.
 */
export class AuditLog {
  readonly #dir: string;
  readonly #gateway: string;
  readonly #version: string;
  readonly #clock: () => number;
  readonly #maxBytes: number;
  #file: LogFile | null = null;
  #closed = false;
  #seq = 0;
  #hash = GENESIS;
  #lastTime = { ms: Number.NaN, text: "" };
  /** Where the chain ends on disk, and in which file. */
  #durable: { file: string | null; seq: number; hash: string } = { file: null, seq: 0, hash: GENESIS };
  /** Why records that were added could not be written, until a `flush` has said so. */
  #lost: unknown = null;
  /** Added and not yet written. */
  #pending: { readonly body: RecordBody; readonly time: number; readonly line: string }[] = [];

  constructor(dir: string, gateway: string, version: string, clock: () => number, maxBytes = MAX_BYTES) {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(gateway)) {
      throw new AuditError(
        `the gateway id "${gateway}" cannot be part of a file name. ` +
          "Use 1 to 64 letters, digits, hyphens and underscores.",
      );
    }
    this.#dir = dir;
    this.#gateway = gateway;
    this.#version = version;
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    try {
      const last = lastOf(dir, gateway);
      if (last !== null) this.#durable = last;
      this.#discard();
      this.#open(clock());
    } catch (cause) {
      throw failure(dir, cause);
    }
  }

  /** Path of the file that is being written; null between a failure and the next record. */
  get path(): string | null {
    return this.#file?.path ?? null;
  }

  /** Number of the last record. */
  get seq(): number {
    return this.#seq;
  }

  /**
   * Adds one record to those that the next `flush` writes, and returns its hash.
   * @throws {AuditError} where a new file is due and cannot be made.
   */
  append(body: RecordBody): string {
    if (this.#closed)
      throw new AuditError(`the audit log in ${this.#dir} is closed, so nothing can be recorded.`);
    try {
      const time = this.#clock();
      if (this.#isDue(time)) this.#turnOver(time);
      return this.#add(body, time);
    } catch (cause) {
      throw failure(this.path ?? this.#dir, cause);
    }
  }

  /**
   * Writes what was added: once it returns, the operating system has it, and a crash of this process cannot
   * lose it any more.
   * @throws {AuditError} where it could not be written whole; then nothing of it stays in the log.
   */
  flush(): void {
    const lost = this.#lost;
    this.#lost = null;
    if (lost !== null) throw lost;
    if (this.#pending.length === 0) return;
    try {
      if (this.#file === null || this.#file.gone) this.#startAnew();
      if (this.#file !== null) this.#write(this.#file);
    } catch (cause) {
      this.#discard();
      throw failure(this.path ?? this.#dir, cause);
    }
  }

  /**
   * Writes all that was added, and after it a `checkpoint`: whoever rewrites what is before it needs the key.
   * @throws {AuditError} where it could not be written.
   */
  checkpoint(sign: Sign): void {
    this.flush();
    // Written at once: another file would give it another place in the chain than the one that is signed.
    const file = this.#file;
    if (this.#closed || file === null) return;
    this.#add({ kind: "checkpoint", ...sign(this.#hash) }, this.#clock());
    try {
      this.#write(file);
    } catch (cause) {
      this.#discard();
      throw failure(file.path, cause);
    }
  }

  /** Writes the `close` record and lets go of the file. Closing twice does nothing. */
  close(reason: string): void {
    if (this.#closed) return;
    try {
      this.append({ kind: "close", reason });
      this.flush();
    } finally {
      this.#closed = true;
      const file = this.#file;
      this.#file = null;
      file?.close();
    }
  }

  /** Whether a record at `time` goes to a new file. */
  #isDue(time: number): boolean {
    return this.#file === null || dayOf(time) > this.#file.day || this.#file.size >= this.#maxBytes;
  }

  /** The file is gone (after a failure, or because someone deleted it): what is pending goes to another. */
  #startAnew(): void {
    const pending = this.#pending;
    this.#discard();
    this.#open(pending[0]?.time ?? this.#clock());
    for (const { body, time } of pending) this.#add(body, time);
  }

  /** Goes on in another file. */
  #turnOver(time: number): void {
    try {
      this.flush();
    } catch (error) {
      // Those who added what is lost now wait for their own flush to tell them.
      this.#lost = error;
      throw error;
    }
    this.#open(time);
  }

  /** Makes a file, with its `open` record; where that fails, the one before stays the file. */
  #open(time: number): void {
    const file = LogFile.create(this.#dir, this.#gateway, time);
    const previous = this.#durable.file === null ? null : { file: this.#durable.file, hash: this.#hash };
    const { pid } = process;
    this.#add({ kind: "open", gateway: this.#gateway, version: this.#version, pid, previous }, time);
    try {
      this.#write(file);
    } catch (error) {
      this.#discard();
      // A log without its open record would look like one whose beginning was cut off.
      file.abandon();
      throw error;
    }
    this.#file?.retire();
    this.#file = file;
  }

  #add(body: RecordBody, time: number): string {
    const { line, hash } = seal(body, ++this.#seq, this.#iso(time), this.#hash);
    this.#hash = hash;
    this.#pending.push({ body, time, line });
    return hash;
  }

  /** ISO 8601; a chunk's records are mostly of one millisecond. */
  #iso(time: number): string {
    if (time !== this.#lastTime.ms) this.#lastTime = { ms: time, text: new Date(time).toISOString() };
    return this.#lastTime.text;
  }

  #write(file: LogFile): void {
    try {
      file.write(this.#pending.map(({ line }) => `${line}\n`).join(""));
    } catch (error) {
      // Half a line stays, as the torn end of a file that is not written again.
      if (file.torn && this.#file === file) {
        this.#file = null;
        file.retire();
      }
      throw error;
    }
    this.#durable = { file: file.name, seq: this.#seq, hash: this.#hash };
    this.#pending = [];
  }

  /** Forgets what was added since the last write, and goes on from there. */
  #discard(): void {
    this.#pending = [];
    this.#seq = this.#durable.seq;
    this.#hash = this.#durable.hash;
  }
}

/**
 * Opens the log of a gateway in a folder that exists, and records that it did. A gateway that was there
 * before continues its chain.
 * @param gatewayId letters, digits, hyphens and underscores: it is part of the file's name.
 * @param version of Callgate.
 * @param clock ms since the epoch.
 * @throws {AuditError} where the file cannot be made or written.
 */
export function openAuditLog(dir: string, gatewayId: string, version: string, clock: () => number): AuditLog {
  return new AuditLog(dir, gatewayId, version, clock);
}

function failure(where: string, cause: unknown): AuditError {
  if (cause instanceof AuditError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AuditError(
    `the audit log ${where} cannot be written (${reason}), so no call is let through. ` +
      "Check the disk's space and the folder's permissions.",
    { cause },
  );
}
