import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Writable } from "node:stream";
import { errorAnswer } from "../../wire/answer.ts";
import { drained } from "../../wire/flow.ts";
import { Arrivals } from "../../wire/http/arrivals.ts";
import { BodyTooLarge, readBody } from "../../wire/http/body.ts";
import { guard } from "../../wire/http/guard.ts";
import { Readers } from "../../wire/http/readers.ts";
import { json, reject } from "../../wire/http/reply.ts";
import { type AgentFrame, ErrorCode, Refusal, readAgentFrame } from "../../wire/message.ts";
import type { SharedUpstream } from "../../wire/shared-upstream.ts";
import type { Connect } from "../../wire/upstream.ts";
import type { Gateway } from "../gateway.ts";
import { LegacyFront } from "./legacy.ts";
import { isModern, ModernFront } from "./modern.ts";

/** An MCP server that agents reach through the gateway. */
export interface HttpUpstreamRoute {
  readonly name: string;
  /** Reaches it for one session. */
  readonly connect: Connect;
  /** Reaches it for one request among those of many agents. */
  readonly shared: Pick<SharedUpstream, "connect" | "sinks">;
}

export interface HttpOptions {
  readonly bind: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Bearer token agents must show; null for none. */
  readonly token: string | null;
  /** Bytes. */
  readonly maxMessage: number;
  readonly upstreams: readonly HttpUpstreamRoute[];
}

/** The two eras' fronts of one upstream. */
interface Route {
  readonly legacy: LegacyFront;
  readonly modern: ModernFront;
  /** What requests of the modern era are written to. */
  sinks(): readonly Writable[];
}

/** Most connections at a time. */
const MAX_CONNECTIONS = 1_024;
/** How long a request may take to arrive, headers first, in ms. */
const TIMEOUTS = { headersTimeout: 20_000, requestTimeout: 120_000, keepAliveTimeout: 30_000 };

/** Listens for agents on Streamable HTTP, in both eras; each upstream at `/<name>/mcp`, the only one at `/mcp`. */
export class HttpFront {
  readonly #gateway: Gateway;
  readonly #options: HttpOptions;
  readonly #routes = new Map<string, Route>();
  readonly #server: Server;
  readonly #readers = new Readers();
  readonly #arrivals = new Arrivals();

  constructor(gateway: Gateway, options: HttpOptions) {
    this.#gateway = gateway;
    this.#options = options;
    for (const { name, connect, shared } of options.upstreams) {
      const route = {
        legacy: new LegacyFront(gateway, name, connect),
        modern: new ModernFront(gateway, name, shared.connect),
        sinks: () => shared.sinks(),
      };
      this.#routes.set(`/${encodeURIComponent(name)}/mcp`, route);
      if (options.upstreams.length === 1) this.#routes.set("/mcp", route);
    }
    this.#server = createServer(TIMEOUTS);
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on("request", (request, response) => {
      this.#readers.add(response);
      response.on("error", () => response.destroy()); // nothing that goes wrong with one may end the gateway
      this.#handle(request, response).catch((error: Error) => {
        gateway.log("error", error.stack ?? error.message);
        reject(response, 500, "The gateway failed on this request; its log says why.");
      });
    });
  }

  /**
   * Opens the port.
   *
   * @returns the URLs agents connect to
   * @throws Error where the port is taken or the address is not this machine's
   */
  listen(): Promise<readonly string[]> {
    const { bind, port, upstreams } = this.#options;
    return new Promise((resolve, fail) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) =>
        fail(new Error(explain(error, bind, port))),
      );
      this.#server.listen(port, bind, () => {
        const { port: open } = this.#server.address() as AddressInfo;
        const base = `http://${bind.includes(":") ? `[${bind}]` : bind}:${open}`;
        const paths =
          upstreams.length === 1 ? ["/mcp"] : upstreams.map(({ name }) => `/${encodeURIComponent(name)}/mcp`);
        const urls = paths.map((path) => base + path);
        this.#gateway.view.endpoints.push(...urls);
        resolve(urls);
      });
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const rejection = guard(request, this.#options);
    if (rejection !== null) return reject(response, rejection.status, rejection.message);
    const pathname = URL.parse(request.url ?? "/", "http://localhost")?.pathname ?? "//";
    const route = this.#routes.get(pathname);
    if (route === undefined) {
      return reject(response, 404, `There is nothing at ${pathname}: agents connect to ${this.#places()}.`);
    }
    if (request.method === "POST") return this.#post(route, request, response);
    if (request.method === "GET") return route.legacy.get(request, response);
    if (request.method === "DELETE") return route.legacy.delete(request, response);
    response.setHeader("allow", "GET, POST, DELETE");
    reject(response, 405, `The method ${request.method} is not taken: use POST, GET or DELETE.`);
  }

  async #post(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!/^application\/json\s*(?:;|$)/i.test(request.headers["content-type"] ?? "")) {
      return reject(response, 415, "A message must come as Content-Type: application/json.");
    }
    this.#readers.makeRoom();
    // An agent is read no faster than its server takes.
    const sinks = () =>
      request.headers["mcp-session-id"] === undefined ? route.sinks() : route.legacy.sinks(request);
    await drained(sinks());
    let frame: Buffer;
    let read: AgentFrame;
    try {
      frame = await readBody(request, this.#options.maxMessage, sinks, (bytes) =>
        this.#arrivals.grew(request, bytes),
      ).finally(() => this.#arrivals.over(request));
      read = readAgentFrame(frame);
    } catch (error) {
      if (error instanceof BodyTooLarge) {
        response.setHeader("connection", "close");
        return this.#refuse(response, 413, new Refusal(ErrorCode.invalidRequest, error.message));
      }
      if (error instanceof Refusal) return this.#refuse(response, 400, error);
      response.destroy(); // the agent went away before the end of its message
      return;
    }
    if (isModern(request, read)) return route.modern.post(request, response, frame, read);
    return route.legacy.post(request, response, frame, read);
  }

  /** Answers a message that no session sees. */
  #refuse(response: ServerResponse, status: number, { id, code, message }: Refusal): void {
    this.#gateway.refused(null, "agent", message);
    json(response, status, errorAnswer(id, code, message));
  }

  #places(): string {
    return [...this.#routes.keys()].join(", ");
  }

  /** Takes nothing new, lets what is in flight finish for a while, then ends every session and its server. */
  async close(): Promise<void> {
    this.#server.close();
    const routes = new Set(this.#routes.values());
    await Promise.all([...routes].map((route) => route.legacy.close()));
    this.#server.closeAllConnections();
    this.#readers.close();
  }
}

function explain(error: NodeJS.ErrnoException, bind: string, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} on ${bind} is in use: give another with --port, or --port 0 for any free one`;
    case "EADDRNOTAVAIL":
      return `${bind} is not an address of this machine: give one with --bind`;
    case "EACCES":
      return `port ${port} needs more rights than this process has: give one above 1023`;
    default:
      return `cannot listen on ${bind}:${port}: ${error.message}`;
  }
}
