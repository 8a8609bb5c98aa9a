import { open } from "node:fs/promises";

/** Bytes read at a time. */
const CHUNK = 64 * 1024;
/** A longer line is left out: no record of a call is as long. */
const MAX_LINE = 4 * 1024 * 1024;

const LINE_FEED = 0x0a;

function ifThere(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null; // Removed, being old.
  throw error;
}

/**
 * The whole lines of a file from its end, however long it is: batches of them, the last batch first, each in the
 * order of the file. What follows the last line feed is left out, being still written or torn by a crash.
 */
export async function* readBackwards(path: string): AsyncGenerator<string[]> {
  const file = await open(path).catch(ifThere);
  if (file === null) return;
  try {
    let end = (await file.stat()).size;
    // The beginning of what was read, up to its first line feed: the end of a line that begins before it.
    let tail: Buffer = Buffer.alloc(0);
    let skipping = true;
    while (end > 0) {
      const length = Math.min(CHUNK, end);
      end -= length;
      const chunk = Buffer.alloc(length);
      const { bytesRead } = await file.read(chunk, 0, length, end);
      if (bytesRead < length) return; // It was cut while it was read.
      const last = chunk.lastIndexOf(LINE_FEED);
      if (last < 0) {
        skipping ||= tail.length > MAX_LINE;
        tail = skipping ? Buffer.alloc(0) : Buffer.concat([chunk, tail]);
        if (end === 0 && !skipping) yield [tail.toString("utf8")];
        continue;
      }
      const newest = skipping ? [] : [Buffer.concat([chunk.subarray(last + 1), tail]).toString("utf8")];
      const first = end === 0 ? -1 : chunk.indexOf(LINE_FEED);
      const whole = last > first ? chunk.toString("utf8", first + 1, last).split("\n") : [];
      yield [...whole, ...newest];
      tail = chunk.subarray(0, Math.max(0, first));
      skipping = false;
    }
  } finally {
    await file.close();
  }
}
