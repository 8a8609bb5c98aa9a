/** All pairs of transports, each with an agent and a server that see every byte. */
import { join } from "node:path";
import { onHttp, post } from "./agents.ts";
import { ECHO, type Message, NODE, type Peer, ROOT, type Sandbox } from "./helpers.ts";

/** A Streamable HTTP server of raw bytes. */
export const HTTP_SERVER = [NODE, join(ROOT, "test/fixtures/http-server.ts")];

export interface Pair {
  readonly agent: "stdio" | "HTTP";
  readonly upstream: "stdio" | "HTTP";
}

export const PAIRS: readonly Pair[] = [
  { agent: "stdio", upstream: "stdio" },
  { agent: "stdio", upstream: "HTTP" },
  { agent: "HTTP", upstream: "stdio" },
  { agent: "HTTP", upstream: "HTTP" },
];

/** A gateway between a raw agent and a raw server. */
export interface Line {
  readonly gateway: Peer;
  /** Where the gateway listens; null over stdio. */
  readonly url: URL | null;
  /**
   * Sends a frame, and gives what answers it: over HTTP its response, over stdio the next message, or the one
   * with this id.
   */
  exchange(frame: string | Buffer, id?: string | number): Promise<Message>;
  /** Sends a request, and gives the very text that answers it. */
  ask(id: string | number, method: string, params: string): Promise<string>;
}

export async function line(pair: Pair, box: Sandbox, args: readonly string[]): Promise<Line> {
  const line = await start(pair, box, args);
  while (box.received().length < 2) await new Promise((resolve) => setTimeout(resolve, 5)); // the handshake
  return line;
}

async function start(pair: Pair, box: Sandbox, args: readonly string[]): Promise<Line> {
  const server = pair.upstream === "stdio" ? ["--", ...ECHO] : ["--upstream", await startServer(box)];
  if (pair.agent === "stdio") return overStdio(box.callgate("stdio", ...args, ...server));
  const gateway = box.callgate("serve", ...args, ...server);
  return overHttp(new URL(await urlIn(gateway)), gateway);
}

const startServer = (box: Sandbox) => urlIn(box.spawn(HTTP_SERVER));

async function urlIn(peer: Peer): Promise<string> {
  const line = /listening on (\S+)/;
  return line.exec(await peer.logged(line))?.[1] ?? "";
}

const request = (id: string | number, method: string, params: string) =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"${method}","params":${params}}`;

async function overStdio(gateway: Peer): Promise<Line> {
  await gateway.initialize();
  return {
    gateway,
    url: null,
    async exchange(frame, id) {
      const before = gateway.messages.length;
      gateway.send(frame);
      if (Buffer.isBuffer(frame)) gateway.send("");
      if (id !== undefined) return gateway.answer(id);
      return gateway.until(() => gateway.messages[before], "any answer");
    },
    async ask(id, method, params) {
      gateway.send(request(id, method, params));
      await gateway.answer(id);
      return gateway.lines.findLast((text) => JSON.parse(text).id === id) ?? "";
    },
  };
}

async function overHttp(url: URL, gateway: Peer): Promise<Line> {
  const { headers: session } = await onHttp(url, gateway);
  return {
    gateway,
    url,
    async exchange(frame): Promise<Message> {
      const response = await post(url, frame, session);
      return JSON.parse(answerIn(response, await response.text()));
    },
    async ask(id, method, params) {
      const response = await post(url, request(id, method, params), session);
      return answerIn(response, await response.text());
    },
  };
}

/** The last message of a response, whichever of the two forms it has. */
function answerIn(response: Response, text: string): string {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return text;
  const events = text.split("\n").filter((row) => row.startsWith("data: {"));
  return events.at(-1)?.slice("data: ".length) ?? "";
}
