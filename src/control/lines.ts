/** Cuts a byte stream into lines; a line longer than the limit is an error, not a growing buffer. */
export class LineSplitter {
  #parts: Buffer[] = [];
  #size = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The whole lines that `chunk` completes, without their newline. Throws RangeError past the limit. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end));
      // Decoded only when whole, so that a character split between two chunks stays one character.
      lines.push(
        this.#parts.length === 1 ? `${this.#parts[0]}` : Buffer.concat(this.#parts).toString("utf8"),
      );
      this.#parts = [];
      this.#size = 0;
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  #keep(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > this.#limit) throw new RangeError(`a line is longer than ${this.#limit} bytes`);
    this.#parts.push(part);
  }
}
