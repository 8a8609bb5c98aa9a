import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { HttpAgent } from "../../wire/http/agent.ts";
import { json, reject } from "../../wire/http/reply.ts";
import type { AgentFrame } from "../../wire/message.ts";
import type { Connect, Upstream } from "../../wire/upstream.ts";
import type { Gateway } from "../gateway.ts";
import { howItWent, Session } from "../session.ts";

/** Most sessions of an upstream at a time, each with a server of its own. */
const MAX_SESSIONS = 256;
/** A session without an open response for so long is ended, in ms. */
const IDLE_MS = 30 * 60_000;
/** How long calls in flight may take when the gateway closes, in ms. */
const DRAIN_MS = 5_000;
/** From this revision on a stream begins with an empty event (MCP 2025-11-25 transports). */
const PRIMED_SINCE = "2025-11-25";

interface HttpSession {
  readonly session: Session;
  readonly agent: HttpAgent;
  readonly server: Upstream;
  /** ms since the epoch. */
  lastUsed: number;
}

/** Agents of the legacy era on Streamable HTTP (MCP 2025-11-25 transports), each session with its own server. */
export class LegacyFront {
  readonly #gateway: Gateway;
  readonly #upstream: string;
  readonly #connect: Connect;
  readonly #sessions = new Map<string, HttpSession>();
  /** Servers that have not gone, also those whose sessions are over. */
  readonly #servers = new Set<Upstream>();
  readonly #sweep: NodeJS.Timeout;

  constructor(gateway: Gateway, upstream: string, connect: Connect) {
    this.#gateway = gateway;
    this.#upstream = upstream;
    this.#connect = connect;
    this.#sweep = setInterval(() => this.#endIdle(), 60_000).unref();
  }

  /** What the request's session writes to its server. */
  sinks(request: IncomingMessage): readonly Writable[] {
    return this.#find(request)?.server.sinks() ?? [];
  }

  async post(
    request: IncomingMessage,
    response: ServerResponse,
    frame: Buffer,
    read: AgentFrame,
  ): Promise<void> {
    const { message } = read;
    const opens = message.kind === "request" && message.method === "initialize" && !named(request);
    const entry = opens ? await this.#open(response) : this.#find(request);
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

  /** The stream for what the server says of its own accord, or one that goes on from `Last-Event-ID`. */
  async get(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = this.#find(request);
    if (entry === null) return this.#noSession(request, response);
    entry.lastUsed = Date.now();
    const last = request.headers["last-event-id"];
    const headers = { "mcp-session-id": entry.session.id };
    const from = typeof last === "string" ? last : null;
    if (entry.agent.listen(response, headers, from, primes(request))) return;
    reject(response, 400, `There is no stream to go on with after ${JSON.stringify(last)}.`);
  }

  async delete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = this.#find(request);
    if (entry === null) return this.#noSession(request, response);
    this.#end(entry.session.id, "the agent ended the session");
    response.writeHead(200).end();
  }

  async #open(response: ServerResponse): Promise<HttpSession | null> {
    if (this.#sessions.size >= MAX_SESSIONS) {
      reject(response, 503, `There are ${MAX_SESSIONS} sessions open already; one must end first.`);
      return null;
    }
    const agent = new HttpAgent();
    const parts = { id: randomUUID(), upstream: this.#upstream, connect: this.#connect };
    try {
      const { session, server } = await Session.open({ ...parts, agent, gate: this.#gateway });
      const entry: HttpSession = { session, agent, server, lastUsed: Date.now() };
      this.#sessions.set(session.id, entry);
      this.#servers.add(server);
      void server.gone.then(async (status) => {
        await session.reviewed();
        this.#servers.delete(server);
        this.#end(session.id, `the server ${howItWent(status)}`);
      });
      return entry;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#gateway.log("error", text);
      reject(response, 502, text);
      return null;
    }
  }

  #find(request: IncomingMessage): HttpSession | null {
    const id = request.headers["mcp-session-id"];
    return typeof id === "string" ? (this.#sessions.get(id) ?? null) : null;
  }

  #noSession(request: IncomingMessage, response: ServerResponse): void {
    if (response.headersSent) return;
    if (named(request)) return reject(response, 404, "There is no such session: initialize a new one.");
    reject(response, 400, "A session begins with initialize; later messages carry its Mcp-Session-Id.");
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

  /** Lets what is in flight finish for a while, then ends every session and its server. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    const entries = [...this.#sessions.values()];
    const deadline = Date.now() + DRAIN_MS;
    while (entries.some(({ session }) => session.busy) && Date.now() < deadline) await sleep(20);
    for (const { session } of entries) this.#end(session.id, "the gateway is closing");
    await Promise.all([...this.#servers].map((server) => server.stop()));
  }
}

function named(request: IncomingMessage): boolean {
  return request.headers["mcp-session-id"] !== undefined;
}

function primes(request: IncomingMessage): boolean {
  const version = request.headers["mcp-protocol-version"];
  return typeof version === "string" && version >= PRIMED_SINCE;
}
