/** All pairs of transports, each with an agent and a server that see every byte. */
import { request as httpRequest } from "node:http";
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
  /** Sends a frame that has no answer. */
  send(frame: string): void;
  /** Sends one frame in chunks, without waiting for what answers it. */
  inPieces(pieces: readonly Buffer[]): Promise<void>;
  /** Sends a request, and gives the very texts of what comes up to its answer. */
  hear(id: string | number, method: string, params: string): Promise<readonly string[]>;
  /** The text of the answer alone. */
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
    send: (frame) => gateway.send(frame),
    async inPieces(pieces) {
      for (const piece of [...pieces, Buffer.from("\n")]) {
        gateway.send(piece);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    ...hearing(async (id, frame) => {
      const before = gateway.lines.length;
      gateway.send(frame);
      await gateway.answer(id);
      return gateway.lines.slice(before);
    }),
  };
}

async function overHttp(url: URL, gateway: Peer): Promise<Line> {
  const { headers: session } = await onHttp(url, gateway);
  return {
    gateway,
    url,
    async exchange(frame): Promise<Message> {
      const response = await post(url, frame, session);
      return JSON.parse(textsIn(response, await response.text()).at(-1) ?? "");
    },
    send: (frame) => void post(url, frame, session).catch(() => {}),
    async inPieces(pieces) {
      const accept = "application/json, text/event-stream";
      const headers = { "content-type": "application/json", accept, ...session };
      const request = httpRequest(url, { method: "POST", headers }).on("response", (r) => r.resume());
      for (const piece of pieces) {
        request.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      request.end();
    },
    ...hearing(async (_id, frame) => {
      const response = await post(url, frame, session);
      return textsIn(response, await response.text());
    }),
  };
}

function hearing(hear: (id: string | number, frame: string) => Promise<readonly string[]>) {
  const said: Line["hear"] = (id, method, params) => hear(id, request(id, method, params));
  return {
    hear: said,
    ask: async (...of: Parameters<Line["ask"]>) => (await said(...of)).at(-1) ?? "",
  };
}

/** The messages of a response, whichever of the two forms it has. */
function textsIn(response: Response, text: string): readonly string[] {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return [text];
  return text.split("\n").flatMap((row) => (row.startsWith("data: ") ? [row.slice("data: ".length)] : []));
}
