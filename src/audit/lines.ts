import { createReadStream } from "node:fs";
import { AuditError } from "./audit-error.ts";

/** Longest line taken, in bytes: several times the largest message a gateway relays. */
const MAX_LINE = 256 * 1024 * 1024;

const LINE_FEED = 0x0a;

/** A line's bytes without its line feed; `ended` is false for a last line that has none. */
export interface Line {
  readonly bytes: Buffer;
  readonly ended: boolean;
}

/**
 * The lines of a file, one at a time: memory is bounded by the longest line, whatever the file's size.
 * @throws {AuditError} for a line longer than any record; errors of the file system as they come.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      parts.push(chunk.subarray(start, end));
      yield { bytes: parts.length === 1 ? chunk.subarray(start, end) : Buffer.concat(parts), ended: true };
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > MAX_LINE) {
      throw new AuditError(`${path} has a line of more than ${MAX_LINE} bytes: it is not an audit log.`);
    }
  }
  if (length > 0) yield { bytes: Buffer.concat(parts), ended: false };
}
