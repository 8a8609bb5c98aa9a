import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { errorAnswer } from "../answer.ts";
import { modernVersion } from "../era.ts";
import {
  decodeUtf8,
  ErrorCode,
  type Message,
  type Request,
  type Response,
  readUpstreamFrame,
} from "../message.ts";
import { PassingMap } from "../passing-map.ts";
import type { Frame, UpstreamEvents } from "../upstream.ts";
import { BodyTooLarge, readBody } from "./body.ts";
import { readEvents, type StreamEnd } from "./events.ts";
import { standardHeaders } from "./headers.ts";
import type { Origin } from "./origin.ts";
import { MAX_RETRIES, pause } from "./retry.ts";

/** The HTTP of one conversation with a server: what goes with each request, and what is learned of its answers. */
export interface Conversation {
  /** Headers that the conversation adds to each request. */
  headers(): OutgoingHttpHeaders;
  /**
   * A response has come, and nothing of it is read yet.
   *
   * @param sent the conversation's headers that the message went with
   * @throws where the message is to be sent anew
   */
  responded(message: Message, response: IncomingMessage, sent: OutgoingHttpHeaders): void;
  /** A request is answered. */
  answered(request: Request, answer: Response): void;
}

/**
 * Sends the messages of one conversation to a server at a URL, each a POST of its own, and reads what answers it:
 * a body or a stream of events, which is taken up again where it breaks off.
 */
export class Outstanding {
  readonly #origin: Origin;
  readonly #maxMessage: number;
  readonly #events: UpstreamEvents;
  readonly #conversation: Conversation;
  /** Requests the server is working on, by id. */
  readonly #open = new PassingMap<string, { request: Request; http: ClientRequest | null }>();
  #stopped = false;

  /** @param maxMessage longest message taken from the server, in bytes */
  constructor(origin: Origin, maxMessage: number, events: UpstreamEvents, conversation: Conversation) {
    this.#origin = origin;
    this.#maxMessage = maxMessage;
    this.#events = events;
    this.#conversation = conversation;
  }

  sinks(): readonly ClientRequest[] {
    return [...this.#open.values()].flatMap(({ http }) => (http === null ? [] : [http]));
  }

  /** `request` is about to be sent. */
  expect(request: Request): void {
    this.#open.set(String(request.id), { request, http: null });
  }

  get(id: string): Request | null {
    return this.#open.get(id)?.request ?? null;
  }

  /** Nobody waits for the answer any more. */
  hangUp(id: string): void {
    this.#open.get(id)?.http?.destroy();
    this.#open.delete(id);
  }

  /** Resolves once all that answers the message has been read. @throws what `Conversation.responded` throws */
  async post(frame: Frame, message: Message, mirrored: Readonly<Record<string, string>>): Promise<void> {
    const sent = this.#conversation.headers();
    const { http, response: responding } = this.#origin.send("POST", frame, {
      ...sent,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...mirrored,
      ...standardHeaders(message),
    });
    this.#attach(message, http);
    const response = await responding;
    this.#conversation.responded(message, response, sent);
    const status = response.statusCode ?? 0;
    if (/^text\/event-stream\b/i.test(response.headers["content-type"] ?? "") && status < 300) {
      return this.#follow(message, await readEvents(response, this.#watching(message), this.#maxMessage), 0);
    }
    const body = await readBody(response, this.#maxMessage, () => this.#events.sinks()).catch(
      (error: Error) => {
        response.destroy();
        if (error instanceof BodyTooLarge) this.#events.onDropped(error.message);
        throw new Error(`the server's answer could not be read: ${error.message}`);
      },
    );
    if (message.kind === "request") this.#answered(message, status, body);
    else if (status >= 300) this.#events.onNote(`the server answered a message with HTTP ${status}`);
  }

  /** Any other request of the conversation. */
  send(method: string, body: Frame | null, headers: OutgoingHttpHeaders) {
    return this.#origin.send(method, body, { ...this.#conversation.headers(), ...headers });
  }

  #attach(message: Message, http: ClientRequest): void {
    const open = message.kind === "request" ? this.#open.get(String(message.id)) : undefined;
    if (open !== undefined) open.http = http;
  }

  /** The answer to a request came as a whole body, which may be anything. */
  #answered(request: Request, status: number, body: Buffer): void {
    const answer = readUpstreamFrame(body.toString("utf8"));
    const { onFrame } = this.#watching(request);
    if (answer?.kind === "response" && answer.id === null && answer.error !== undefined) {
      // An error about a request that could not be read has no id of its own (JSON-RPC 2.0 section 5).
      onFrame(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: request.id, error: answer.error })));
    } else if (body.length > 0 && (status < 300 || answer?.kind === "response")) onFrame(body);
    this.failed(request, refusalText(status, body));
  }

  /** What a response to `message` says, with an eye on what the conversation itself must know. */
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
    this.#conversation.answered(request, answer);
  }

  /** A response stream has ended: goes on from its last event where the answer is still to come. */
  async #follow(message: Message, { lastId, retry }: StreamEnd, attempt: number): Promise<void> {
    if (message.kind !== "request" || !this.#open.has(String(message.id)) || this.#stopped) return;
    if (lastId === null || modernVersion(message.params) !== null || attempt >= MAX_RETRIES) {
      return this.failed(message, "the server broke the stream off before it answered");
    }
    await pause(retry, attempt);
    const { http, response: responding } = this.send("GET", null, {
      accept: "text/event-stream",
      "last-event-id": lastId,
    });
    this.#attach(message, http);
    const response = await responding.catch(() => null);
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

  /** Answers a request that the server will not, where it is still open. */
  failed(message: Message, reason: string): void {
    if (this.#stopped) return;
    if (message.kind !== "request")
      return this.#events.onNote(`a message did not reach the server: ${reason}`);
    if (!this.#open.delete(String(message.id))) return;
    this.#events.onFrame(Buffer.from(errorAnswer(message.id, ErrorCode.internal, reason)));
  }

  /** Hangs up on all of them. */
  stop(): void {
    this.#stopped = true;
    for (const { http } of this.#open.values()) http?.destroy();
  }
}

function refusalText(status: number, body: Buffer): string {
  const what =
    status < 300 ? "the server gave no answer to the request" : `the server answered HTTP ${status}`;
  const said = body.toString("utf8", 0, 200).trim();
  return said === "" ? what : `${what}: ${said}`;
}
