import type { ServerResponse } from "node:http";
import type { RequestId } from "../message.ts";
import { PassingMap } from "../passing-map.ts";
import type { Frame } from "../upstream.ts";
import { writeJson } from "./reply.ts";
import { EVENT_STREAM, EventHistory, EventStream } from "./stream.ts";

/**
 * How long an answer may take before its response becomes an event stream, in ms. Only a stream can be taken up
 * again where the connection breaks: a short wait keeps what is quick as plain JSON and loses nothing slow.
 */
const PATIENCE_MS = 50;

/** Streams kept for resumption in a session. */
const MAX_STREAMS = 100;

/** The HTTP response to one POSTed request. */
interface Reply {
  readonly response: ServerResponse;
  readonly headers: Record<string, string>;
  readonly prime: boolean;
  readonly timer: NodeJS.Timeout;
  stream: EventStream | null;
}

/**
 * An agent on Streamable HTTP: each request has a response of its own, plain JSON where the answer comes at
 * once and an event stream where something is said before it; what belongs to no request goes over the
 * stream the agent opened with GET.
 */
export class HttpAgent {
  readonly #replies = new PassingMap<string, Reply>();
  readonly #history = new EventHistory();
  readonly #streams = new Map<number, EventStream>();
  readonly #standalone: EventStream;
  #nextStream = 1;

  constructor() {
    this.#standalone = new EventStream(0, this.#history);
    this.#streams.set(0, this.#standalone);
  }

  /** Whether anything is open. */
  get busy(): boolean {
    return this.#replies.size > 0 || this.#standalone.response !== null;
  }

  sinks(): ServerResponse[] {
    const all = [this.#standalone.response, ...[...this.#replies.values()].map((reply) => reply.response)];
    return all.filter((response) => response !== null);
  }

  /** `response` will carry the answer to `id`. */
  expect(id: RequestId, response: ServerResponse, headers: Record<string, string>, prime: boolean): void {
    if (this.#replies.has(String(id))) return; // reused while in flight: the session refuses it
    const timer = setTimeout(() => this.#stream(reply), PATIENCE_MS).unref();
    const reply: Reply = { response, headers, prime, timer, stream: null };
    this.#replies.set(String(id), reply);
  }

  /** `response` will carry no answer to `id` after all. */
  forget(id: RequestId, response: ServerResponse): void {
    const reply = this.#replies.get(String(id));
    if (reply?.response !== response) return;
    clearTimeout(reply.timer);
    this.#replies.delete(String(id));
  }

  answer(frame: Frame, id: RequestId): void {
    const reply = this.#replies.get(String(id));
    if (reply === undefined) return;
    this.#replies.delete(String(id));
    clearTimeout(reply.timer);
    if (reply.stream !== null) {
      reply.stream.send(frame.toString());
      reply.stream.end();
    } else {
      writeJson(reply.response, 200, frame, reply.headers);
    }
  }

  /** No answer may ever come: the response ends without one. */
  cancelled(id: RequestId): void {
    const reply = this.#replies.get(String(id));
    if (reply === undefined) return;
    this.#replies.delete(String(id));
    clearTimeout(reply.timer);
    if (reply.stream !== null) reply.stream.end();
    else reply.response.writeHead(200, { ...EVENT_STREAM, ...reply.headers }).end();
  }

  tell(frame: Frame, about: RequestId | null): void {
    const reply = about === null ? this.#anyReply() : this.#replies.get(String(about));
    if (reply === undefined) this.#standalone.send(frame.toString());
    else this.#stream(reply).send(frame.toString());
  }

  /** Without a standalone stream a message of the server's own goes where the agent listens: the latest request. */
  #anyReply(): Reply | undefined {
    return this.#standalone.response === null ? [...this.#replies.values()].at(-1) : undefined;
  }

  #stream(reply: Reply): EventStream {
    if (reply.stream !== null) return reply.stream;
    clearTimeout(reply.timer);
    const stream = new EventStream(this.#nextStream++, this.#history);
    reply.stream = stream;
    this.#streams.set(stream.id, stream);
    if (this.#streams.size > MAX_STREAMS) this.#streams.delete(this.#oldestStream());
    stream.attach(reply.response, { headers: reply.headers, prime: reply.prime });
    return stream;
  }

  #oldestStream(): number {
    for (const id of this.#streams.keys()) if (id !== 0) return id;
    return 0;
  }

  /**
   * The agent's GET: the standalone stream, or any stream from where its connection broke.
   *
   * @returns false where there is nothing to go on from
   */
  listen(
    response: ServerResponse,
    headers: Record<string, string>,
    lastEventId: string | null,
    prime: boolean,
  ): boolean {
    if (lastEventId === null) {
      this.#standalone.attach(response, { headers, prime });
      return true;
    }
    const event = EventStream.parseEventId(lastEventId);
    const stream = event === null ? undefined : this.#streams.get(event.stream);
    if (event === null || stream === undefined) return false;
    stream.attach(response, { headers, prime: false, from: event.sequence });
    return true;
  }

  /** Ends every response. */
  close(): void {
    for (const { timer, response } of this.#replies.values()) {
      clearTimeout(timer);
      response.end();
    }
    this.#replies.clear();
    for (const stream of this.#streams.values()) stream.end();
  }
}
