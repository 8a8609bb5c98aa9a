import type { ServerResponse } from "node:http";

/** Events remembered for one session's resumption, over all its streams. */
const MAX_EVENTS = 1_000;
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

/** How soon a client should take a broken stream up again, in ms. */
const RETRY_MS = 500;

interface StoredEvent {
  readonly stream: number;
  readonly sequence: number;
  readonly text: string;
}

/**
 * What a session's event streams have sent lately, so that a client whose connection broke can go on from
 * its `Last-Event-ID` (MCP 2025-11-25 transports, "Resumability and Redelivery"). Bounded: the oldest go.
 */
export class EventHistory {
  #events: StoredEvent[] = [];
  #bytes = 0;

  add(event: StoredEvent): void {
    this.#events.push(event);
    this.#bytes += event.text.length;
    while (this.#events.length > MAX_EVENTS || (this.#bytes > MAX_EVENT_BYTES && this.#events.length > 1)) {
      this.#bytes -= this.#events.shift()?.text.length ?? 0;
    }
  }

  /** The events of a stream after `sequence`. */
  after(stream: number, sequence: number): readonly StoredEvent[] {
    return this.#events.filter((e) => e.stream === stream && e.sequence > sequence);
  }
}

/** Headers of an event stream; the last keeps proxies from holding events back. */
export const EVENT_STREAM: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

export interface Attachment {
  readonly headers: Record<string, string>;
  /** Last event its reader has; without it, what was never sent to anyone follows. */
  readonly from?: number;
  /** Whether to begin with an empty event that carries an id (from 2025-11-25 on). */
  readonly prime: boolean;
}

/** One server-sent event stream, which may outlive the HTTP responses that carry it. */
export class EventStream {
  readonly id: number;
  readonly #history: EventHistory;
  #response: ServerResponse | null = null;
  #sequence = 0;
  #written = 0;
  #ended = false;

  constructor(id: number, history: EventHistory) {
    this.id = id;
    this.#history = history;
  }

  /** The response that carries the stream now. */
  get response(): ServerResponse | null {
    return this.#response;
  }

  /** What an event id says, or null where it is none of ours. */
  static parseEventId(id: string): { stream: number; sequence: number } | null {
    const parts = /^(\d{1,9})-(\d{1,9})$/.exec(id);
    return parts === null ? null : { stream: Number(parts[1]), sequence: Number(parts[2]) };
  }

  /** Sends the stream over `response` from now on. */
  attach(response: ServerResponse, { headers, from = this.#written, prime }: Attachment): void {
    this.#response?.end();
    this.#response = response;
    response.writeHead(200, { ...EVENT_STREAM, ...headers });
    response.flushHeaders();
    response.on("close", () => {
      if (this.#response === response) this.#response = null;
    });
    if (prime) response.write(`id: ${this.id}-${from}\nretry: ${RETRY_MS}\ndata: \n\n`);
    for (const event of this.#history.after(this.id, from)) this.#write(event);
    if (this.#ended) response.end();
  }

  send(text: string): void {
    const event = { stream: this.id, sequence: ++this.#sequence, text };
    this.#history.add(event);
    this.#write(event);
  }

  /** Nothing follows. */
  end(): void {
    this.#ended = true;
    this.#response?.end();
  }

  #write({ stream, sequence, text }: StoredEvent): void {
    if (this.#response === null) return;
    this.#written = sequence;
    // JSON on one line as a server-sent event (WHATWG HTML 9.2).
    this.#response.write(`event: message\nid: ${stream}-${sequence}\ndata: ${text}\n\n`);
  }
}
