import {
  close,
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

const DAY = 86_400_000;

/** A file of the log that is written to. It is never opened for writing again. */
export class LogFile {
  readonly name: string;
  readonly path: string;
  /** Days since the epoch, UTC. */
  readonly day: number;
  /** In bytes: where the last whole record ends. */
  size = 0;
  /** Whether it ends in half a record that could not be taken out: nothing may be written after that. */
  torn = false;
  readonly #fd: number;

  private constructor(dir: string, name: string, fd: number, day: number) {
    this.name = name;
    this.path = join(dir, name);
    this.day = day;
    this.#fd = fd;
  }

  /** Makes the next file of a gateway's day. */
  static create(dir: string, gateway: string, time: number): LogFile {
    const day = dayOf(time);
    const date = new Date(day * DAY).toISOString().slice(0, 10);
    for (let number = 1; ; number++) {
      const name = `${date}-${gateway}${number === 1 ? "" : `.${number}`}.jsonl`;
      try {
        return new LogFile(dir, name, openSync(join(dir, name), "ax", 0o600), day);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      }
    }
  }

  /** Whether someone has deleted it. */
  get gone(): boolean {
    return fstatSync(this.#fd).nlink === 0;
  }

  /** Adds all of it; where it throws, nothing of it, or the file is `torn`. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    try {
      let written = 0;
      // A full disk takes a part of it, and refuses the rest.
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      try {
        ftruncateSync(this.#fd, this.size);
      } catch {
        this.torn = true;
      }
      throw error;
    }
    this.size += bytes.length;
  }

  /** Lets go of it, and of the file itself where nothing was written. */
  abandon(): void {
    closeSync(this.#fd);
    if (this.size === 0) rmSync(this.path, { force: true });
  }

  /** Lets go of it once the disk has it, which nothing waits for. */
  retire(): void {
    fsync(this.#fd, () => close(this.#fd, () => {}));
  }

  /** Lets go of it now that the disk has it. */
  close(): void {
    try {
      fsyncSync(this.#fd);
    } finally {
      closeSync(this.#fd);
    }
  }
}

/** Days since the epoch, UTC. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY);
}
