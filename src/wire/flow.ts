import type { Readable, Writable } from "node:stream";
import type { LineDecoder } from "./framing.ts";

/** Frames smaller than this are copied together with their line feed, so that they leave in one write. */
const SMALL = 16 * 1024;
const LINE_FEED = Buffer.from("\n");

/** Writes one frame and its line feed. */
export function writeLine(sink: Writable, frame: Buffer | string): void {
  if (sink.destroyed || sink.writableEnded) return;
  if (typeof frame === "string") {
    sink.write(`${frame}\n`);
  } else if (frame.length < SMALL) {
    const line = Buffer.allocUnsafe(frame.length + 1);
    frame.copy(line);
    line[frame.length] = 0x0a;
    sink.write(line);
  } else {
    sink.write(frame);
    sink.write(LINE_FEED);
  }
}

/**
 * Feeds what `source` says to `lines`, and reads on only while what its frames go to takes more: back-pressure
 * reaches the writer instead of filling memory.
 *
 * @param sinks asked after each chunk
 */
export function feed(source: Readable, lines: LineDecoder, sinks: () => readonly Writable[]): void {
  source.on("data", (chunk: Buffer) => {
    lines.push(chunk);
    const full = sinks().filter(isFull);
    if (full.length === 0) return;
    source.pause();
    void Promise.all(full.map(drained)).then(() => source.resume());
  });
  source.on("end", () => lines.end());
}

function isFull(sink: Writable): boolean {
  return sink.writableNeedDrain && !sink.destroyed;
}

/** Resolves when `sink` takes more, or will never again. */
export function drained(sink: Writable): Promise<void> {
  if (!isFull(sink)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      sink.off("drain", done).off("close", done);
      resolve();
    };
    sink.on("drain", done).on("close", done);
  });
}
