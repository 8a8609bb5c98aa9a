import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import { drained } from "../flow.ts";

/** The body is longer than the limit. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/**
 * A whole body as bytes.
 *
 * @param sinks what it will be written to: it is read no faster than these take
 * @throws BodyTooLarge
 * @throws Error where the peer went away before its end
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  sinks: () => readonly Writable[],
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    request.on("data", (part: Buffer) => {
      length += part.length;
      if (length > limit) {
        request.pause();
        reject(new BodyTooLarge(`A message is longer than ${limit} bytes (--max-message).`));
        return;
      }
      parts.push(part);
      const waiting = drained(sinks());
      if (waiting === null) return;
      request.pause();
      void waiting.then(() => request.resume());
    });
    request.on("end", () =>
      resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)),
    );
    request.on("error", reject);
    request.on("aborted", () => reject(new Error("the request was broken off")));
  });
}
