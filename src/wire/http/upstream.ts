import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { errorAnswer } from "../answer.ts";
import { modernVersion } from "../era.ts";
import { isObject } from "../json.ts";
import { decodeUtf8, ErrorCode, type Message, type Request, readUpstreamFrame } from "../message.ts";
import { PassingMap } from "../passing-map.ts";
import type { Connect, Frame, Upstream, UpstreamEvents } from "../upstream.ts";
import { BodyTooLarge, readBody } from "./body.ts";
import { readEvents, type StreamEnd } from "./events.ts";
import { standardHeaders } from "./headers.ts";
import type { Origin } from "./origin.ts";

/** First pause before a broken stream is taken up again, in ms; doubles each time. */
const RETRY_MS = 500;
const MAX_RETRIES = 5;
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

class HttpUpstream implements Upstream {
  readonly gone: Promise<number>;
  readonly #origin: Origin;
  readonly #maxMessage: number;
  readonly #events: UpstreamEvents;
  /** Requests the server is working on, by id. */
  readonly #open = new PassingMap<string, { request: Request; http: ClientRequest | null }>();
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
    this.#origin = origin;
    this.#maxMessage = maxMessage;
    this.#events = events;
    this.gone = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  sinks(): readonly ClientRequest[] {
    return [...this.#open.values()].flatMap(({ http }) => (http === null ? [] : [http]));
  }

  send(frame: Frame, message: Message, mirrored: Readonly<Record<string, string>> = {}): void {
    const cancelled = cancelledBy(message);
    if (message.kind === "request") {
      if (message.method === "initialize") this.#begin(frame, message);
      this.#open.set(String(message.id), { request: message, http: null });
    } else if (cancelled !== null && this.#isModern(cancelled)) {
      return this.#hangUp(cancelled); // which is the cancellation itself (MCP 2026-07-28 "Cancellation")
    }
    const sent = this.#inOrder(frame, message, mirrored).catch((error: Error) =>
      this.#failed(message, error.message),
    );
    if (message.kind !== "request") this.#told = sent;
    // The server, which has been told, owes no answer: its response might never end.
    if (cancelled !== null) void sent.then(() => this.#hangUp(cancelled));
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
    return modernVersion(this.#open.get(id)?.request.params) !== null;
  }

  #hangUp(id: string): void {
    this.#open.get(id)?.http?.destroy();
    this.#open.delete(id);
  }

  async #deliver(frame: Frame, message: Message, mirrored: Readonly<Record<string, string>>): Promise<void> {
    try {
      await this.#renewing;
      await this.#post(frame, message, mirrored);
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error;
      this.#renewing ??= this.#renew().finally(() => {
        this.#renewing = null;
      });
      await this.#renewing;
      await this.#post(frame, message, mirrored);
    }
    if (message.kind === "notification" && message.method === "notifications/initialized")
      void this.#listen(null, 0);
  }

  async #post(frame: Frame, message: Message, mirrored: Readonly<Record<string, string>>): Promise<void> {
    const hadSession = this.#session !== null;
    const response = await this.#request("POST", frame, message, {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...mirrored,
      ...standardHeaders(message),
    });
    const status = response.statusCode ?? 0;
    if (status === 404 && hadSession) {
      response.resume();
      throw new SessionLost("the server has forgotten the session");
    }
    if (message.kind === "request" && message.method === "initialize") {
      const session = response.headers["mcp-session-id"];
      this.#session = typeof session === "string" ? session : null;
    }
    if (/^text\/event-stream\b/i.test(response.headers["content-type"] ?? "") && status < 300) {
      return this.#follow(message, await readEvents(response, this.#watching(message), this.#maxMessage), 0);
    }
    const body = await readBody(response, this.#maxMessage).catch((error: Error) => {
      response.destroy();
      if (error instanceof BodyTooLarge) this.#events.onDropped(error.message);
      throw new Error(`the server's answer could not be read: ${error.message}`);
    });
    if (message.kind === "request") this.#answered(message, status, body);
    else if (status >= 300) this.#events.onNote(`the server answered a message with HTTP ${status}`);
  }

  /** The answer to a request came as a whole body, which may be anything. */
  #answered(request: Request, status: number, body: Buffer): void {
    const answer = readUpstreamFrame(body.toString("utf8"));
    const { onFrame } = this.#watching(request);
    if (answer?.kind === "response" && answer.id === null && answer.error !== undefined) {
      // An error about a request that could not be read has no id of its own (JSON-RPC 2.0 section 5).
      onFrame(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: request.id, error: answer.error })));
    } else if (body.length > 0 && (status < 300 || answer?.kind === "response")) onFrame(body);
    this.#failed(request, refusalText(status, body));
  }

  /** What a response to `message` says, with an eye on what the upstream itself must know. */
  #watching(message: Message): UpstreamEvents {
    return {
      ...this.#events,
      sinks: () => this.#events.sinks(),
      onFrame: (frame) => {
        if (message.kind === "request") this.#noteAnswer(message, frame);
        this.#events.onFrame(frame);
      },
    };
  }

  #noteAnswer(request: Request, frame: Buffer): void {
    if (!this.#open.has(String(request.id))) return;
    const text = decodeUtf8(frame);
    const answer = text === null ? null : readUpstreamFrame(text);
    if (answer?.kind !== "response" || answer.id !== request.id) return;
    this.#open.delete(String(request.id));
    if (request.method === "initialize" && isObject(answer.result)) {
      const version = answer.result.protocolVersion;
      this.#version = typeof version === "string" ? version : null;
    }
  }

  /** A response stream has ended: goes on from its last event where the answer is still to come. */
  async #follow(message: Message, { lastId, retry }: StreamEnd, attempt: number): Promise<void> {
    if (message.kind !== "request" || !this.#open.has(String(message.id)) || this.#stopped) return;
    if (lastId === null || modernVersion(message.params) !== null || attempt >= MAX_RETRIES) {
      return this.#failed(message, "the server broke the stream off before it answered");
    }
    await sleep(retry ?? RETRY_MS * 2 ** attempt);
    const response = await this.#request("GET", null, message, {
      accept: "text/event-stream",
      "last-event-id": lastId,
    }).catch(() => null);
    if (response?.statusCode !== 200) {
      response?.resume();
      return this.#follow(message, { lastId, retry }, attempt + 1);
    }
    const end = await readEvents(response, this.#watching(message), this.#maxMessage);
    return this.#follow(
      message,
      { lastId: end.lastId ?? lastId, retry: end.retry ?? retry },
      end.lastId === null ? attempt + 1 : 0,
    );
  }

  /** The legacy era's stream for what the server says of its own accord (MCP 2025-11-25 transports). */
  async #listen(lastId: string | null, attempt: number): Promise<void> {
    if (this.#stopped || attempt > MAX_RETRIES) return;
    const session = this.#session;
    const headers = { accept: "text/event-stream", ...(lastId === null ? {} : { "last-event-id": lastId }) };
    const response = await this.#request("GET", null, null, headers).catch(() => null);
    if (response !== null && response.statusCode !== 200) {
      response.resume();
      return; // 405: the server has no such stream; 404: the next request finds out
    }
    let end: StreamEnd = { lastId, retry: null };
    if (response !== null) end = await readEvents(response, this.#events, this.#maxMessage);
    if (this.#session !== session) return;
    await sleep(end.retry ?? RETRY_MS * 2 ** attempt);
    return this.#listen(end.lastId ?? lastId, response === null ? attempt + 1 : 0);
  }

  /**
   * Opens a new session with the greeting the agent once sent, after the server has forgotten the last one
   * (MCP 2025-11-25 transports, "Session Management").
   */
  async #renew(): Promise<void> {
    if (this.#hello === null) throw new Error("the server has forgotten the session");
    this.#events.onNote("the server has forgotten the session: opening a new one");
    const { frame, request } = this.#hello;
    this.#session = null;
    this.#listening?.destroy();
    const response = await this.#request("POST", frame, request, {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    });
    const session = response.headers["mcp-session-id"];
    response.resume();
    if (response.statusCode !== 200)
      throw new Error(`the server answered HTTP ${response.statusCode} to a new session`);
    this.#session = typeof session === "string" ? session : null;
    const initialized = {
      kind: "notification",
      method: "notifications/initialized",
      params: undefined,
    } as const;
    await this.#post('{"jsonrpc":"2.0","method":"notifications/initialized"}', initialized, {});
    void this.#listen(null, 0);
  }

  #request(
    method: string,
    body: Frame | null,
    message: Message | null,
    headers: OutgoingHttpHeaders,
  ): Promise<IncomingMessage> {
    const { http, response } = this.#origin.send(method, body, {
      ...(this.#version === null ? {} : { "mcp-protocol-version": this.#version }),
      ...(this.#session === null ? {} : { "mcp-session-id": this.#session }),
      ...headers,
    });
    const open = message?.kind === "request" ? this.#open.get(String(message.id)) : undefined;
    if (open !== undefined) open.http = http;
    if (method === "GET" && message === null) this.#listening = http;
    return response;
  }

  /** Answers a request that the server will not, where it is still open. */
  #failed(message: Message, reason: string): void {
    if (this.#stopped) return;
    if (message.kind !== "request")
      return this.#events.onNote(`a message did not reach the server: ${reason}`);
    if (!this.#open.delete(String(message.id))) return;
    this.#events.onFrame(Buffer.from(errorAnswer(message.id, ErrorCode.internal, reason)));
  }

  async stop(): Promise<number> {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#listening?.destroy();
      for (const { http } of this.#open.values()) http?.destroy();
      if (this.#session !== null) {
        const goodbye = this.#request("DELETE", null, null, {}).then((response) => response.resume());
        await Promise.race([goodbye.catch(() => {}), sleep(GOODBYE_MS)]);
      }
      this.#leave(0);
    }
    return this.gone;
  }
}

/** The id of the request that a message cancels, as text; null where it cancels none. */
function cancelledBy(message: Message): string | null {
  if (message.kind !== "notification" || message.method !== "notifications/cancelled") return null;
  const id = message.params?.requestId;
  return typeof id === "string" || typeof id === "number" ? String(id) : null;
}

function refusalText(status: number, body: Buffer): string {
  const what =
    status < 300 ? "the server gave no answer to the request" : `the server answered HTTP ${status}`;
  const said = body.toString("utf8", 0, 200).trim();
  return said === "" ? what : `${what}: ${said}`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
