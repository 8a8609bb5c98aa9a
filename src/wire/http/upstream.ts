import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { modernVersion } from "../era.ts";
import { isObject } from "../json.ts";
import type { Message, Request, Response } from "../message.ts";
import type { Connect, Frame, Upstream, UpstreamEvents } from "../upstream.ts";
import { readEvents, type StreamEnd } from "./events.ts";
import type { Origin } from "./origin.ts";
import { type Conversation, Outstanding } from "./outstanding.ts";
import { MAX_RETRIES, pause, sleep } from "./retry.ts";

/** How long the server may take to hear that a session is over, in ms. */
const GOODBYE_MS = 1_000;

/**
 * A server at a Streamable HTTP URL, in whichever era the agent speaks.
 *
 * @param maxMessage longest message taken from it, in bytes
 */
export function httpUpstream(origin: Origin, maxMessage: number): Connect {
  return async (events) => new HttpUpstream(origin, maxMessage, events);
}

/** The server does not know the session any more. */
class SessionLost extends Error {}

/** Messages in their order, and around them the session that the legacy era has. */
class HttpUpstream implements Upstream, Conversation {
  readonly gone: Promise<number>;
  readonly #maxMessage: number;
  readonly #events: UpstreamEvents;
  readonly #outstanding: Outstanding;
  #leave: (status: number) => void = () => {};
  #stopped = false;
  /** Of the legacy era: what the server said at initialize, and what it was asked. */
  #session: string | null = null;
  #version: string | null = null;
  #hello: { frame: Frame; request: Request } | null = null;
  #listening: ClientRequest | null = null;
  #renewing: Promise<void> | null = null;
  /** The last notification or response under way: what comes after it waits, so that it comes after it. */
  #told: Promise<void> | null = null;

  constructor(origin: Origin, maxMessage: number, events: UpstreamEvents) {
    this.#maxMessage = maxMessage;
    this.#events = events;
    this.#outstanding = new Outstanding(origin, maxMessage, events, this);
    this.gone = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  sinks(): readonly ClientRequest[] {
    return this.#outstanding.sinks();
  }

  send(frame: Frame, message: Message, mirrored: Readonly<Record<string, string>> = {}): void {
    const cancelled = cancelledBy(message);
    if (message.kind === "request") {
      if (message.method === "initialize") this.#begin(frame, message);
      this.#outstanding.expect(message);
    } else if (cancelled !== null && this.#isModern(cancelled)) {
      // Which is the cancellation itself (MCP 2026-07-28 "Cancellation").
      return this.#outstanding.hangUp(cancelled);
    }
    const sent = this.#inOrder(frame, message, mirrored).catch((error: Error) =>
      this.#outstanding.failed(message, error.message),
    );
    if (message.kind !== "request") this.#told = sent;
    // The server, which has been told, owes no answer: its response might never end.
    if (cancelled !== null) void sent.then(() => this.#outstanding.hangUp(cancelled));
  }

  async #inOrder(frame: Frame, message: Message, mirrored: Readonly<Record<string, string>>): Promise<void> {
    if (this.#told !== null) await this.#told;
    return this.#deliver(frame, message, mirrored);
  }

  /** A new conversation: what was known of the last one is void. */
  #begin(frame: Frame, request: Request): void {
    this.#hello = { frame, request };
    this.#session = null;
    this.#version = null;
  }

  #isModern(id: string): boolean {
    return modernVersion(this.#outstanding.get(id)?.params) !== null;
  }

  async #deliver(frame: Frame, message: Message, mirrored: Readonly<Record<string, string>>): Promise<void> {
    try {
      await this.#renewing;
      await this.#outstanding.post(frame, message, mirrored);
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error;
      this.#renewing ??= this.#renew().finally(() => {
        this.#renewing = null;
      });
      await this.#renewing;
      await this.#outstanding.post(frame, message, mirrored);
    }
    if (message.kind === "notification" && message.method === "notifications/initialized")
      void this.#listen(null, 0);
  }

  headers(): Record<string, string> {
    return {
      ...(this.#version === null ? {} : { "mcp-protocol-version": this.#version }),
      ...(this.#session === null ? {} : { "mcp-session-id": this.#session }),
    };
  }

  responded(message: Message, response: IncomingMessage, sent: OutgoingHttpHeaders): void {
    if (message.kind === "request" && message.method === "initialize") {
      this.#session = sessionIn(response);
    } else if (response.statusCode === 404 && sent["mcp-session-id"] !== undefined) {
      response.resume();
      throw new SessionLost("the server has forgotten the session");
    }
  }

  answered({ method }: Request, { result }: Response): void {
    if (method !== "initialize" || !isObject(result)) return;
    const version = result.protocolVersion;
    this.#version = typeof version === "string" ? version : null;
  }

  /** The legacy era's stream for what the server says of its own accord (MCP 2025-11-25 transports). */
  async #listen(lastId: string | null, attempt: number): Promise<void> {
    if (this.#stopped || attempt > MAX_RETRIES) return;
    const session = this.#session;
    const headers = { accept: "text/event-stream", ...(lastId === null ? {} : { "last-event-id": lastId }) };
    const { http, response: responding } = this.#outstanding.send("GET", null, headers);
    this.#listening = http;
    const response = await responding.catch(() => null);
    if (response !== null && response.statusCode !== 200) {
      response.resume();
      return; // 405: the server has no such stream; 404: the next request finds out
    }
    let end: StreamEnd = { lastId, retry: null };
    if (response !== null) end = await readEvents(response, this.#events, this.#maxMessage);
    if (this.#session !== session) return;
    await pause(end.retry, attempt);
    return this.#listen(end.lastId ?? lastId, response === null ? attempt + 1 : 0);
  }

  /**
   * Opens a new session with the greeting the agent once sent, after the server has forgotten the last one
   * (MCP 2025-11-25 transports, "Session Management").
   */
  async #renew(): Promise<void> {
    if (this.#hello === null) throw new Error("the server has forgotten the session");
    this.#events.onNote("the server has forgotten the session: opening a new one");
    const { frame } = this.#hello;
    this.#session = null;
    this.#listening?.destroy();
    const response = await this.#outstanding.send("POST", frame, {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    }).response;
    response.resume();
    if (response.statusCode !== 200)
      throw new Error(`the server answered HTTP ${response.statusCode} to a new session`);
    this.#session = sessionIn(response);
    const initialized = {
      kind: "notification",
      method: "notifications/initialized",
      params: undefined,
    } as const;
    await this.#outstanding.post('{"jsonrpc":"2.0","method":"notifications/initialized"}', initialized, {});
    void this.#listen(null, 0);
  }

  async stop(): Promise<number> {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#listening?.destroy();
      this.#outstanding.stop();
      if (this.#session !== null) {
        const goodbye = this.#outstanding
          .send("DELETE", null, {})
          .response.then((response) => response.resume());
        await Promise.race([goodbye.catch(() => {}), sleep(GOODBYE_MS)]);
      }
      this.#leave(0);
    }
    return this.gone;
  }
}

function sessionIn({ headers }: IncomingMessage): string | null {
  const session = headers["mcp-session-id"];
  return typeof session === "string" ? session : null;
}

/** The id of the request that a message cancels, as text; null where it cancels none. */
function cancelledBy(message: Message): string | null {
  if (message.kind !== "notification" || message.method !== "notifications/cancelled") return null;
  const id = message.params?.requestId;
  return typeof id === "string" || typeof id === "number" ? String(id) : null;
}
