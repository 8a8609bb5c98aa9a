import type { Readable, Writable } from "node:stream";
import { LineDecoder } from "./framing.ts";

/** Frames smaller than this are copied together with their line feed, so that they leave in one write. */
const SMALL = 16 * 1024;
const LINE_FEED = Buffer.from("\n");

/** Writes one frame and its line feed; frames of one tick leave in one write. */
export function writeLine(sink: Writable, frame: Buffer | string): void {
  if (sink.destroyed || sink.writableEnded) return;
  if (sink.writableCorked === 0) {
    sink.cork();
    process.nextTick(() => sink.uncork());
  }
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
 * @param ready asked after each chunk: null where all of it takes more, else a promise of that
 */
export function feed(source: Readable, lines: LineDecoder, ready: () => Promise<unknown> | null): void {
  source.on("data", (chunk: Buffer) => {
    lines.push(chunk);
    const waiting = ready();
    if (waiting === null) return;
    source.pause();
    void waiting.then(() => source.resume());
  });
  source.on("end", () => lines.end());
}

function isFull(sink: Writable): boolean {
  return sink.writableNeedDrain && !sink.destroyed;
}

/** null where every sink takes more; else resolves when each does, or never will again. */
export function drained(sinks: readonly Writable[]): Promise<unknown> | null {
  const full = sinks.filter(isFull);
  return full.length === 0 ? null : Promise.all(full.map(drain));
}

/** Those that are waited for, whoever waits. */
const draining = new WeakMap<Writable, Promise<void>>();

function drain(sink: Writable): Promise<void> {
  const known = draining.get(sink);
  if (known !== undefined) return known;
  const waiting = new Promise<void>((resolve) => {
    const done = () => {
      sink.off("drain", done).off("close", done);
      draining.delete(sink);
      resolve();
    };
    sink.on("drain", done).on("close", done);
  });
  draining.set(sink, waiting);
  return waiting;
}

/** Longest line of a log that is passed on, in bytes. */
const MAX_LINE = 64 * 1024;

/** Reads a log by whole lines. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const lines = new LineDecoder(
    {
      onFrame: (frame) => onLine(frame.toString("utf8")),
      onOversize: () => onLine(`(a line of more than ${MAX_LINE} bytes)`),
    },
    MAX_LINE,
  );
  stream.on("data", (chunk: Buffer) => lines.push(chunk));
  stream.on("end", () => lines.end());
}
