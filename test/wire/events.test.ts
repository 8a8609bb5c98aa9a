import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { readEvents } from "../../src/wire/http/events.ts";

const LIMIT = 100_000;

/** What is heard of a stream that says this, then one event more. */
async function heard(text: string): Promise<{ frames: string[]; dropped: number }> {
  const server = createServer((_request, response) => {
    response.on("error", () => {}).end(`${text}data: last\n\n`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const [response] = await once(get({ port: (server.address() as AddressInfo).port }), "response");
  const frames: string[] = [];
  let dropped = 0;
  const events = { onFrame: (frame: Buffer) => frames.push(frame.toString()), onDropped: () => dropped++ };
  const quiet = { onNote() {}, sinks: () => [] };
  await readEvents(response as IncomingMessage, { ...events, ...quiet }, LIMIT);
  server.close();
  return { frames, dropped };
}

it("an event over the limit ends the stream", async () => {
  expect(await heard(`data: ${"x".repeat(LIMIT + 1)}\n\n`)).toEqual({ frames: [], dropped: 1 });
});

it("so does one of many empty lines: each costs more memory than it says", async () => {
  const text = "data\n".repeat(300_000 / 5);
  expect(text.length / 5).toBeLessThan(LIMIT); // which is all that is left of it
  expect(await heard(text)).toEqual({ frames: [], dropped: 1 });
});

it("events and comments without end do not", async () => {
  const { frames, dropped } = await heard("data: a\n\n:\n\n".repeat(100_000));
  expect([frames.length, dropped]).toEqual([100_001, 0]);
});
