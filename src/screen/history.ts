/** The lines a person entered, oldest first, kept for the next screen in `CALLGATE_HOME/history`. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isSecretKey, maskText } from "../audit/secrets.ts";

const KEPT = 500;
const LONGEST = 4_096;

export class History {
  #lines: string[] = [];
  readonly #file: string | null;

  /** @param file null to forget everything when the screen closes */
  constructor(file: string | null) {
    this.#file = file;
    this.#lines = this.#read();
  }

  add(line: string): void {
    if (line.length > LONGEST || /[\r\n]/.test(line) || hasSecret(line)) return;
    // Another screen may have written meanwhile.
    const before = (this.#file === null ? this.#lines : this.#read()).filter((each) => each !== line);
    this.#lines = [...before, line].slice(-KEPT);
    this.#write();
  }

  /** Without `start` itself. */
  startingWith(start: string): string[] {
    return this.#lines.filter((line) => line.startsWith(start) && line !== start);
  }

  #read(): string[] {
    if (this.#file === null) return [];
    try {
      const lines = readFileSync(this.#file, "utf8").split("\n");
      return lines.filter((line) => line !== "").slice(-KEPT);
    } catch {
      return this.#lines; // None yet, or not to be read: that is no reason not to work.
    }
  }

  #write(): void {
    if (this.#file === null) return;
    const fresh = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      // Arguments may be in it, if no secrets.
      writeFileSync(fresh, `${this.#lines.join("\n")}\n`, { mode: 0o600 });
      renameSync(fresh, this.#file);
    } catch {
      // It is remembered until the screen closes.
    }
  }
}

/** A name and the sign before its value, in JSON or in a filter. */
const NAMED = /([\w-]+)"?\s*[:=]/g;

/** Whether there is in it what the audit log would mask. */
function hasSecret(line: string): boolean {
  if (maskText(line, "") !== line) return true;
  return [...line.matchAll(NAMED)].some(([, name = ""]) => isSecretKey(name));
}
