const NOTHING = Buffer.alloc(0);
/** Smallest buffer that pieces are gathered in, in bytes. */
const SMALLEST = 1024;

/**
 * Bytes that come in pieces, gathered in one buffer as they come. A list of pieces would cost an object for each: a
 * peer that sends its bytes one by one would fill the memory with a message far below the limit.
 */
export class Pieces {
  /** The only piece itself, or a buffer of our own with room for more. */
  #bytes: Buffer = NOTHING;
  #length = 0;
  #own = false;

  get length(): number {
    return this.#length;
  }

  add(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (this.#length === 0) {
      this.#bytes = piece;
      this.#own = false;
    } else {
      if (!this.#own || length > this.#bytes.length) this.#grow(length);
      piece.copy(this.#bytes, this.#length);
    }
    this.#length = length;
  }

  /** All of them in one; the next begin anew. */
  take(): Buffer {
    const all = this.#bytes.subarray(0, this.#length);
    this.#bytes = NOTHING;
    this.#length = 0;
    return all;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(SMALLEST, needed, 2 * this.#length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#own = true;
  }
}
