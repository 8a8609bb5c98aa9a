import type { IncomingMessage } from "node:http";
import { createParser } from "eventsource-parser";
import { drained } from "../flow.ts";
import type { UpstreamEvents } from "../upstream.ts";

/** How a stream of events ended. */
export interface StreamEnd {
  /** The last event id, from which the server can go on; null where it gave none. */
  readonly lastId: string | null;
  /** What the server asks to wait before the next attempt, in ms; null where it does not say. */
  readonly retry: number | null;
}

/** An event may be longer on the wire than what it says, by so much: the names of its fields, before each line. */
const OVERHEAD = 2;

/**
 * Reads a server-sent event stream to its end, message by message.
 *
 * @param limit longest event, in bytes; a longer one ends the stream
 */
export function readEvents(
  response: IncomingMessage,
  events: UpstreamEvents,
  limit: number,
): Promise<StreamEnd> {
  return new Promise((resolve) => {
    let lastId: string | null = null;
    let retry: number | null = null;
    /** Bytes since the last event. */
    let unfinished = 0;
    const tooLong = () => {
      events.onDropped(`an event longer than ${limit} bytes (--max-message)`);
      response.destroy();
    };
    const parser = createParser({
      maxBufferSize: limit,
      onEvent({ id, event, data }) {
        unfinished = 0;
        if (data.length > limit && !response.destroyed) tooLong();
        if (response.destroyed) return;
        if (id !== undefined) lastId = id;
        if (data === "" || (event !== undefined && event !== "message")) return;
        events.onFrame(Buffer.from(data, "latin1"));
      },
      onRetry(ms) {
        retry = ms;
      },
      onError(error) {
        if (error.type === "max-buffer-size-exceeded") tooLong();
      },
    });
    response.on("data", (chunk: Buffer) => {
      unfinished += chunk.length;
      parser.feed(chunk.toString("latin1")); // bytes stay bytes, so that what is no UTF-8 shows
      // The parser counts what an event says: an empty line of it costs memory all the same.
      if (unfinished > OVERHEAD * limit && !response.destroyed) tooLong();
      const waiting = drained(events.sinks());
      if (waiting === null) return;
      response.pause();
      void waiting.then(() => response.resume());
    });
    response.on("error", () => {}); // "close" follows
    response.on("close", () => resolve({ lastId, retry }));
  });
}
