import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import { drained } from "../flow.ts";
import { Pieces } from "../pieces.ts";

/** The body is longer than the limit. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/**
 * A whole body as bytes.
 *
 * @param sinks what it will be written to: it is read no faster than these take
 * @param onPart told of each part's bytes that are held from now on
 * @throws BodyTooLarge
 * @throws Error where the peer went away before its end
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  sinks: () => readonly Writable[],
  onPart: (bytes: number) => void = () => {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces = new Pieces();
    request.on("data", (part: Buffer) => {
      if (pieces.length + part.length > limit) {
        request.pause();
        reject(new BodyTooLarge(`A message is longer than ${limit} bytes (--max-message).`));
        return;
      }
      pieces.add(part);
      onPart(part.length);
      const waiting = drained(sinks());
      if (waiting === null) return;
      request.pause();
      void waiting.then(() => request.resume());
    });
    request.on("end", () => resolve(pieces.take()));
    request.on("error", reject);
    request.on("aborted", () => reject(new Error("the request was broken off")));
  });
}
