import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { Exchange } from "../../src/wire/http/exchange.ts";

afterEach(() => void vi.useRealTimers());

it("writes nothing after an answer that its agent takes its time to read", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const agent = connect(port, "127.0.0.1").pause();
  agent.write("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
  const [, response]: [unknown, ServerResponse] = (await once(server, "request")) as [
    unknown,
    ServerResponse,
  ];
  const failed = vi.fn();
  response.on("error", failed);
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
  const exchange = new Exchange(response, () => {});
  exchange.tell('{"jsonrpc":"2.0","method":"notifications/message"}');
  exchange.answer("x".repeat(20_000_000));
  vi.advanceTimersByTime(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(response.writableFinished).toBe(false);
  expect(failed).not.toHaveBeenCalled();
  agent.destroy();
  server.close();
});
