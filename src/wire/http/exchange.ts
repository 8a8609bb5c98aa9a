import type { ServerResponse } from "node:http";
import { readUpstreamFrame } from "../message.ts";
import type { Frame } from "../upstream.ts";
import { writeJson } from "./reply.ts";
import { EVENT_STREAM } from "./stream.ts";

/** How long an answer may take before its response becomes an event stream, so that nothing times out, in ms. */
const PATIENCE_MS = 1_000;
/** A comment keeps an idle stream open (MCP 2026-07-28 transports "Receiving Messages"), in ms. */
const KEEP_ALIVE_MS = 15_000;

/** HTTP status of an answer that is a JSON-RPC error, by its code (MCP 2026-07-28 transports, basic). */
const STATUS: Readonly<Record<number, number>> = {
  [-32601]: 404,
  [-32020]: 400,
  [-32021]: 400,
  [-32022]: 400,
};

/**
 * One POSTed request of the modern era and its response: plain JSON where the answer comes at once, an event
 * stream where something is said before it or it takes its time.
 */
export class Exchange {
  readonly #response: ServerResponse;
  #timer: NodeJS.Timeout | null;
  #over = false;

  /** @param onHungUp the agent closed the response before the answer, which cancels the request */
  constructor(response: ServerResponse, onHungUp: () => void) {
    this.#response = response;
    this.#timer = setTimeout(() => this.#stream(), PATIENCE_MS);
    response.on("close", () => {
      if (this.#timer !== null) clearTimeout(this.#timer);
      if (this.#over) return;
      this.#over = true;
      onHungUp();
    });
  }

  sinks(): readonly ServerResponse[] {
    return [this.#response];
  }

  tell(frame: Frame): void {
    if (this.#over) return;
    this.#stream();
    this.#response.write(`event: message\ndata: ${frame.toString()}\n\n`);
  }

  answer(frame: Frame): void {
    if (this.#over) return;
    this.#over = true;
    // Its agent may take its time to read this: nothing can be written after it.
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#response.headersSent) {
      this.#response.end(`event: message\ndata: ${frame.toString()}\n\n`);
      return;
    }
    writeJson(this.#response, statusOf(frame), frame);
  }

  #stream(): void {
    if (this.#response.headersSent) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setInterval(() => this.#response.write(":\n\n"), KEEP_ALIVE_MS);
    this.#response.writeHead(200, EVENT_STREAM).flushHeaders();
  }
}

function statusOf(frame: Frame): number {
  const text = frame.toString();
  if (!text.includes('"error"')) return 200;
  const message = readUpstreamFrame(text);
  const error = message?.kind === "response" ? message.error : undefined;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "number" ? (STATUS[code] ?? 200) : 200;
}
