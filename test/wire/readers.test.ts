import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Readers } from "../../src/wire/http/readers.ts";

let server: Server;
let agents: Socket[] = [];
beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  vi.useRealTimers();
  for (const agent of agents) agent.destroy();
  agents = [];
  server.close();
});

/** A response whose agent reads nothing of it until it is resumed. */
async function unread(): Promise<{ agent: Socket; response: ServerResponse }> {
  const { port } = server.address() as AddressInfo;
  const agent = connect(port, "127.0.0.1").pause();
  agents.push(agent);
  agent.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const [, response] = (await once(server, "request")) as [unknown, ServerResponse];
  return { agent, response };
}

it("an agent that reads nothing of what waits for it is cut off, one that reads is not", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const readers = new Readers();
  const [stalled, slow, idle] = [await unread(), await unread(), await unread()];
  for (const { response } of [stalled, slow, idle]) readers.add(response);
  stalled.response.end("x".repeat(20_000_000));
  slow.response.write("x".repeat(20_000_000));
  idle.response.write("x");
  await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(10_000);
  expect(stalled.response.destroyed).toBe(false);
  slow.agent.resume();
  await once(slow.response, "drain");
  vi.advanceTimersByTime(10_000);
  expect([stalled, slow, idle].map(({ response }) => response.destroyed)).toEqual([true, false, false]);
  readers.close();
});

it("what waits for all of them together is bounded: those with the most are cut off", async () => {
  const readers = new Readers();
  const all = [await unread(), await unread(), await unread()];
  for (const { response } of all) readers.add(response);
  const body = Buffer.alloc(100 * 1024 * 1024);
  all[0]?.response.end(body.subarray(0, 1024 * 1024));
  all[1]?.response.end(body);
  readers.makeRoom();
  expect(all.some(({ response }) => response.destroyed)).toBe(false);
  all[2]?.response.end(Buffer.concat([body, body]));
  readers.makeRoom();
  expect(all.map(({ response }) => response.destroyed)).toEqual([false, false, true]);
  readers.close();
});
