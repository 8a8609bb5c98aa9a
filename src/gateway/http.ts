import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { errorAnswer } from "../wire/answer.ts";
import { drained } from "../wire/flow.ts";
import { HttpAgent } from "../wire/http/agent.ts";
import { BodyTooLarge, readBody } from "../wire/http/body.ts";
import { guard } from "../wire/http/guard.ts";
import { type AgentFrame, ErrorCode, Refusal, readAgentFrame } from "../wire/message.ts";
import type { Connect, Upstream } from "../wire/upstream.ts";
import type { Gateway } from "./gateway.ts";
import { howItWent, Session } from "./session.ts";

/** Most sessions at a time, each with a server of its own. */
const MAX_SESSIONS = 256;
/** A session without an open response for so long is ended, in ms. */
const IDLE_MS = 30 * 60_000;
/** How long calls in flight may take when the gateway closes, in ms. */
const DRAIN_MS = 5_000;
/** From this revision on a stream begins with an empty event (MCP 2025-11-25 transports). */
const PRIMED_SINCE = "2025-11-25";

export interface HttpOptions {
  readonly bind: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Bearer token agents must show; null for none. */
  readonly token: string | null;
  /** Bytes. */
  readonly maxMessage: number;
  readonly upstream: string;
  readonly connect: Connect;
}

interface HttpSession {
  readonly session: Session;
  readonly agent: HttpAgent;
  readonly server: Upstream;
  lastUsed: number;
}

/** Agents on Streamable HTTP (MCP 2025-11-25 transports), each session with a server of its own behind it. */
export class HttpFront {
  readonly #gateway: Gateway;
  readonly #options: HttpOptions;
  readonly #sessions = new Map<string, HttpSession>();
  readonly #server: Server;
  readonly #sweep: NodeJS.Timeout;

  constructor(gateway: Gateway, options: HttpOptions) {
    this.#gateway = gateway;
    this.#options = options;
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 20_000, keepAliveTimeout: 30_000 });
    this.#server.on("request", (request, response) => {
      this.#handle(request, response).catch((error: Error) => {
        gateway.log("error", error.message);
        reject(response, 500, "The gateway failed on this request; its log says why.");
      });
    });
    this.#sweep = setInterval(() => this.#endIdle(), 60_000).unref();
  }

  /**
   * Opens the port.
   *
   * @returns the URL agents connect to
   * @throws Error where the port is taken or the address is not this machine's
   */
  listen(): Promise<string> {
    const { bind, port } = this.#options;
    return new Promise((resolve, fail) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) =>
        fail(new Error(explain(error, bind, port))),
      );
      this.#server.listen(port, bind, () => {
        const { port: open } = this.#server.address() as AddressInfo;
        const url = `http://${bind.includes(":") ? `[${bind}]` : bind}:${open}/mcp`;
        this.#gateway.view.endpoints.push(url);
        resolve(url);
      });
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const rejection = guard(request, this.#options);
    if (rejection !== null) return reject(response, rejection.status, rejection.message);
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (path !== "/mcp" && path !== `/${this.#options.upstream}/mcp`) {
      return reject(response, 404, `There is nothing at ${path}: agents connect to /mcp.`);
    }
    if (request.method === "POST") return this.#post(request, response);
    if (request.method === "GET") return this.#get(request, response);
    if (request.method === "DELETE") return this.#delete(request, response);
    response.setHeader("allow", "GET, POST, DELETE");
    reject(response, 405, `The method ${request.method} is not taken: use POST, GET or DELETE.`);
  }

  async #post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
      return reject(response, 415, "A message must come as Content-Type: application/json.");
    }
    const known = this.#find(request);
    if (known !== null) await drained(known.server.sinks());
    let frame: Buffer;
    let read: AgentFrame;
    try {
      frame = await readBody(request, this.#options.maxMessage);
      read = readAgentFrame(frame);
    } catch (error) {
      if (error instanceof BodyTooLarge) return this.#refuse(response, known, 413, error.message);
      if (!(error instanceof Refusal)) return void response.destroy();
      return this.#answerRefusal(response, known, error);
    }
    const { message } = read;
    const opens = message.kind === "request" && message.method === "initialize";
    const entry = known ?? (opens && !hasSession(request) ? await this.#open(response) : null);
    if (entry === null) return this.#noSession(request, response);
    entry.lastUsed = Date.now();
    const headers = { "mcp-session-id": entry.session.id };
    if (message.kind === "request") entry.agent.expect(message.id, response, headers, primes(request));
    const error = entry.session.receiveFromAgent(frame, read);
    if (error !== null) {
      if (message.kind === "request") entry.agent.forget(message.id, response);
      return json(response, 400, error, headers);
    }
    if (message.kind !== "request") response.writeHead(202, headers).end();
  }

  async #open(response: ServerResponse): Promise<HttpSession | null> {
    if (this.#sessions.size >= MAX_SESSIONS) {
      reject(
        response,
        503,
        `This gateway has ${MAX_SESSIONS} sessions open, and takes no more until one ends.`,
      );
      return null;
    }
    const agent = new HttpAgent();
    const parts = { id: randomUUID(), upstream: this.#options.upstream, connect: this.#options.connect };
    try {
      const { session, server } = await Session.open({ ...parts, agent, gate: this.#gateway });
      const entry: HttpSession = { session, agent, server, lastUsed: Date.now() };
      this.#sessions.set(session.id, entry);
      void server.gone.then((status) => this.#end(session.id, `the server ${howItWent(status)}`));
      return entry;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#gateway.log("error", text);
      reject(response, 502, text);
      return null;
    }
  }

  async #get(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = this.#find(request);
    if (entry === null) return this.#noSession(request, response);
    entry.lastUsed = Date.now();
    const last = request.headers["last-event-id"];
    const headers = { "mcp-session-id": entry.session.id };
    const listening = entry.agent.listen(
      response,
      headers,
      typeof last === "string" ? last : null,
      primes(request),
    );
    if (!listening) reject(response, 400, `There is no stream to go on with after ${JSON.stringify(last)}.`);
  }

  async #delete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = this.#find(request);
    if (entry === null) return this.#noSession(request, response);
    response.writeHead(204).end();
    this.#end(entry.session.id, "the agent ended the session");
  }

  #find(request: IncomingMessage): HttpSession | null {
    const id = request.headers["mcp-session-id"];
    return typeof id === "string" ? (this.#sessions.get(id) ?? null) : null;
  }

  #noSession(request: IncomingMessage, response: ServerResponse): void {
    if (response.headersSent) return;
    if (hasSession(request)) return reject(response, 404, "There is no such session: initialize a new one.");
    reject(response, 400, "A session begins with initialize; later messages carry its Mcp-Session-Id.");
  }

  #answerRefusal(response: ServerResponse, known: HttpSession | null, refusal: Refusal): void {
    if (known !== null) return json(response, 400, known.session.refuse(refusal));
    this.#gateway.refused(null, "agent", refusal.message);
    json(response, 400, errorAnswer(refusal.id, refusal.code, refusal.message));
  }

  #refuse(response: ServerResponse, known: HttpSession | null, status: number, message: string): void {
    if (known !== null) known.session.refuse(new Refusal(ErrorCode.invalidRequest, message));
    else this.#gateway.refused(null, "agent", message);
    response.setHeader("connection", "close");
    reject(response, status, message);
  }

  /** Ends a session and its server. */
  #end(id: string, reason: string): void {
    const entry = this.#sessions.get(id);
    if (entry === undefined) return;
    this.#sessions.delete(id);
    entry.session.end(reason);
    entry.agent.close();
    void entry.server.stop();
  }

  #endIdle(): void {
    const longAgo = Date.now() - IDLE_MS;
    for (const [id, { agent, lastUsed }] of this.#sessions) {
      if (!agent.busy && lastUsed < longAgo) this.#end(id, "the session was idle");
    }
  }

  /** Takes nothing new, lets what is in flight finish for a while, then ends every session and its server. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#server.close();
    const entries = [...this.#sessions.values()];
    const deadline = Date.now() + DRAIN_MS;
    while (entries.some(({ session }) => session.busy) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const { session } of entries) this.#end(session.id, "the gateway is closing");
    await Promise.all(entries.map(({ server }) => server.stop()));
    this.#server.closeAllConnections();
  }
}

function hasSession(request: IncomingMessage): boolean {
  return request.headers["mcp-session-id"] !== undefined;
}

function primes(request: IncomingMessage): boolean {
  const version = request.headers["mcp-protocol-version"];
  return typeof version === "string" && version >= PRIMED_SINCE;
}

function reject(response: ServerResponse, status: number, message: string): void {
  json(response, status, errorAnswer(null, ErrorCode.invalidRequest, message));
}

function json(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}

function explain(error: NodeJS.ErrnoException, bind: string, port: number): string {
  if (error.code === "EADDRINUSE") {
    return `port ${port} on ${bind} is in use: give another with --port, or --port 0 for any free one`;
  }
  if (error.code === "EADDRNOTAVAIL")
    return `${bind} is not an address of this machine: give one with --bind`;
  if (error.code === "EACCES")
    return `port ${port} needs more rights than this process has: give one above 1023`;
  return `cannot listen on ${bind}:${port}: ${error.message}`;
}
