import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AuditError } from "./audit-error.ts";
import { GENESIS, seal } from "./chain.ts";
import { lastOf } from "./last.ts";
import type { RecordBody } from "./record.ts";

const DAY = 86_400_000;

/** What is appended to. `size` is in bytes: where the last whole record ends. */
interface OpenFile {
  readonly name: string;
  readonly fd: number;
  /** Days since the epoch, UTC. */
  readonly day: number;
  size: number;
}

/**
 * One gateway's audit log: the files `<YYYY-MM-DD>-<gateway>.jsonl` of a folder, one for each UTC day, joined
 * to one chain by their `open` records. No file is ever opened twice for writing: a second one on the same
 * day is `<YYYY-MM-DD>-<gateway>.2.jsonl`, so that what a crash left torn stays at the end of its file.
 */
export class AuditLog {
  readonly #dir: string;
  readonly #gateway: string;
  readonly #version: string;
  readonly #clock: () => number;
  #file: OpenFile | null = null;
  #closed = false;
  #seq = 0;
  #hash = GENESIS;
  /** Where the chain ends on disk, and in which file. */
  #durable: { file: string | null; seq: number; hash: string } = { file: null, seq: 0, hash: GENESIS };
  /** Why records that were added could not be written, until a `flush` has said so. */
  #lost: unknown = null;
  /** Added and not yet written. */
  #pending: { readonly body: RecordBody; readonly time: number; readonly line: string }[] = [];

  constructor(dir: string, gateway: string, version: string, clock: () => number) {
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
    return this.#file === null ? null : join(this.#dir, this.#file.name);
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
      if (this.#file === null || dayOf(time) > this.#file.day) this.#turnOver(time);
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
      if (this.#file === null || fstatSync(this.#file.fd).nlink === 0) this.#startAnew();
      if (this.#file !== null) this.#write(this.#file);
    } catch (cause) {
      this.#discard();
      throw failure(this.path ?? this.#dir, cause);
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
      this.#release();
    }
  }

  /** The file is gone (after a failure, or because someone deleted it): what is pending goes to another. */
  #startAnew(): void {
    const pending = this.#pending;
    this.#discard();
    this.#open(pending[0]?.time ?? this.#clock());
    for (const { body, time } of pending) this.#add(body, time);
  }

  /** Goes on in the file of another day. */
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
    const day = dayOf(time);
    const { name, fd } = this.#create(new Date(day * DAY).toISOString().slice(0, 10));
    const file = { name, fd, day, size: 0 };
    const previous = this.#durable.file === null ? null : { file: this.#durable.file, hash: this.#hash };
    const { pid } = process;
    this.#add({ kind: "open", gateway: this.#gateway, version: this.#version, pid, previous }, time);
    try {
      this.#write(file);
    } catch (error) {
      this.#discard();
      closeSync(fd);
      // A log without its open record would look like one whose beginning was cut off.
      if (file.size === 0) rmSync(join(this.#dir, name), { force: true });
      throw error;
    }
    this.#release();
    this.#file = file;
  }

  #create(date: string): { name: string; fd: number } {
    for (let number = 1; ; number++) {
      const name = `${date}-${this.#gateway}${number === 1 ? "" : `.${number}`}.jsonl`;
      try {
        return { name, fd: openSync(join(this.#dir, name), "ax", 0o600) };
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      }
    }
  }

  #add(body: RecordBody, time: number): string {
    const { line, hash } = seal(body, ++this.#seq, new Date(time).toISOString(), this.#hash);
    this.#hash = hash;
    this.#pending.push({ body, time, line });
    return hash;
  }

  #write(file: OpenFile): void {
    const bytes = Buffer.from(this.#pending.map(({ line }) => `${line}\n`).join(""));
    try {
      let written = 0;
      // A full disk takes a part of it, and refuses the rest.
      while (written < bytes.length) written += writeSync(file.fd, bytes, written);
    } catch (error) {
      this.#undo(file);
      throw error;
    }
    file.size += bytes.length;
    this.#durable = { file: file.name, seq: this.#seq, hash: this.#hash };
    this.#pending = [];
  }

  /** Forgets what was added since the last write, and goes on from there. */
  #discard(): void {
    this.#pending = [];
    this.#seq = this.#durable.seq;
    this.#hash = this.#durable.hash;
  }

  /** Takes out what a failed write left, so that the next record does not continue half a line. */
  #undo(file: OpenFile): void {
    try {
      ftruncateSync(file.fd, file.size);
    } catch {
      // Then it stays, as the torn end of a file that is not written again.
      if (this.#file === file) this.#release();
    }
  }

  #release(): void {
    if (this.#file === null) return;
    const { fd } = this.#file;
    this.#file = null;
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
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

function dayOf(time: number): number {
  return Math.floor(time / DAY);
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
