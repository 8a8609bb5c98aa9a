import { Pieces } from "./pieces.ts";

/** Largest frame taken unless `--max-message` says otherwise, in bytes. */
export const MAX_FRAME = 64 * 1024 * 1024;

export interface FrameHandlers {
  /** One line without its line feed. The bytes are only good during the call. */
  onFrame(frame: Buffer): void;
  /** A line has grown past the limit: whoever does not wait for its end may throw, and give up the stream. */
  onOverflow?(limit: number): void;
  /** A line longer than the limit; it has been thrown away up to its end. */
  onOversize(limit: number, ends: Ends): void;
}

/** The first and the last bytes of a line, as text. */
export interface Ends {
  readonly head: string;
  readonly tail: string;
}

/** Bytes kept of either end of a line that is thrown away. */
const END_BYTES = 256;

/**
 * Cuts a byte stream into lines (MCP stdio transport: messages are delimited by newlines). Bytes stay bytes
 * until a whole line is there, so a character split over two chunks stays whole. Holds at most `limit` bytes.
 */
export class LineDecoder {
  readonly #pieces = new Pieces();
  #skipping = false;
  /** Ends of the line that is being thrown away. */
  #head = "";
  #tail: Buffer = Buffer.alloc(0);
  readonly #limit: number;
  readonly #handlers: FrameHandlers;

  constructor(handlers: FrameHandlers, limit = MAX_FRAME) {
    this.#handlers = handlers;
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, from);
      if (end === -1) break;
      this.#line(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  /** The stream has ended: what is left counts as a line. */
  end(): void {
    if (this.#pieces.length > 0 || this.#skipping) this.#line(Buffer.alloc(0));
  }

  #keep(part: Buffer): void {
    if (this.#skipping) {
      this.#tail = endOf(Buffer.concat([this.#tail, endOf(part)]));
      return;
    }
    this.#pieces.add(part);
    if (this.#pieces.length <= this.#limit) return;
    this.#handlers.onOverflow?.(this.#limit);
    this.#skipping = true;
    this.#head = this.#pieces.take().toString("latin1", 0, END_BYTES);
    this.#tail = endOf(part);
  }

  #line(tail: Buffer): void {
    if (this.#pieces.length > 0 || this.#skipping || tail.length > this.#limit) this.#keep(tail);
    if (this.#skipping) {
      this.#skipping = false;
      this.#handlers.onOversize(this.#limit, { head: this.#head, tail: this.#tail.toString("latin1") });
      return;
    }
    const frame = this.#pieces.length > 0 ? this.#pieces.take() : tail;
    if (frame.length > 0) this.#handlers.onFrame(frame);
  }
}

/** A copy of the last bytes: a view would keep all of it in memory. */
function endOf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(-END_BYTES));
}

const LINE_BREAKS = /[\n\r\u0085\u2028\u2029]/;

/**
 * The same JSON text on one line, whatever the reader takes for a line break: some servers split at a bare
 * carriage return, which would turn the inside of a frame into a frame of its own. JSON has CR and LF only
 * between tokens; the others only inside strings.
 */
export function oneLine(json: string): string {
  if (!LINE_BREAKS.test(json)) return json;
  return json
    .replace(/[\r\n]+/g, " ")
    .replace(/[\u0085\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
