import { isObject, type JsonObject } from "../../wire/json.ts";
import { ErrorCode, Refusal, type Request, type RequestId } from "../../wire/message.ts";
import { PassingMap } from "../../wire/passing-map.ts";
import type { Judgement } from "./judgement.ts";

/** Most requests an agent may have open at a time; beyond it new ones are refused. */
export const MAX_IN_FLIGHT = 10_000;
/** Cancelled requests remembered, so that a late answer is known for what it is. */
const MAX_CANCELLED = 1_000;

/** A request of the agent that has not been answered. */
export interface Flight {
  readonly request: Request;
  /** Set for a governed call that was let through or is held. */
  readonly judgement: Judgement | null;
  /** Set for a governed call that plugins are being asked about. */
  readonly pending: Pending | null;
}

/** A call that is being judged, and has not been sent. */
export interface Pending {
  /** Why it goes no further, where it was taken back; null while it is wanted. */
  withdrawn: string | null;
}

/** The requests of one agent that are in flight: which answer and which progress belongs to which. */
export class Flights {
  /** By id as text: servers may not tell 1 from "1". */
  readonly #open = new PassingMap<string, Flight>();
  readonly #cancelled = new Map<string, Flight>();
  /** Ids as text of those that are answered, by answers that plugins are still being asked about. */
  readonly #reviewed = new Set<string>();
  /** Request ids by progress token. */
  readonly #progress = new PassingMap<RequestId, RequestId>();

  get size(): number {
    return this.#open.size + this.#reviewed.size;
  }

  /** @throws Refusal for a request that must not be in flight beside those that are */
  admit({ id }: Request): void {
    const key = String(id);
    if (this.#open.has(key) || this.#cancelled.has(key) || this.#reviewed.has(key)) {
      // The first request keeps its right to the answer, even a late one, so this error cannot carry the id.
      throw new Refusal(ErrorCode.invalidRequest, `The id ${JSON.stringify(id)} is in flight already.`);
    }
    if (this.size >= MAX_IN_FLIGHT) {
      throw new Refusal(ErrorCode.invalidRequest, `More than ${MAX_IN_FLIGHT} requests in flight.`, id);
    }
  }

  add(request: Request, judgement: Judgement | null, pending: Pending | null = null): void {
    this.#open.set(String(request.id), { request, judgement, pending });
    const token = progressToken(request.params);
    if (token !== null) this.#progress.set(token, request.id);
  }

  get(id: RequestId): Flight | undefined {
    return this.#open.get(String(id));
  }

  all(): Flight[] {
    return [...this.#open.values()];
  }

  /** The request is answered, or will not be. */
  remove({ id, params }: Request): void {
    this.#open.delete(String(id));
    const token = progressToken(params);
    if (token !== null) this.#progress.delete(token);
  }

  /** Keeps the id of a request that has landed until the agent has its answer. */
  async review(id: RequestId, answered: Promise<void>): Promise<void> {
    const key = String(id);
    this.#reviewed.add(key);
    await answered;
    this.#reviewed.delete(key);
  }

  /** The agent waits no longer, though an answer may be under way. */
  cancel(request: Request): void {
    const flight = this.get(request.id);
    this.remove(request);
    if (flight === undefined) return;
    this.#cancelled.set(String(request.id), flight);
    for (const oldest of this.#cancelled.keys()) {
      if (this.#cancelled.size <= MAX_CANCELLED) break;
      this.#cancelled.delete(oldest);
    }
  }

  /** The request that an answer belongs to, which is then over; null for an answer nobody waits for. */
  land(id: RequestId | null): Flight | null {
    if (id === null) return null;
    const key = String(id);
    const flight = this.#open.get(key) ?? this.#cancelled.get(key);
    // A call that is held or being judged has not been sent: what answers it is made up.
    if (flight?.request.id !== id || flight.pending !== null) return null;
    if (flight.judgement?.decision.verdict === "ask") return null;
    if (this.#open.get(key) === flight) this.remove(flight.request);
    else this.#cancelled.delete(key);
    return flight;
  }

  /** The request that asked for progress by `token`. */
  withToken(token: RequestId): RequestId | null {
    return this.#progress.get(token) ?? null;
  }
}

/** What a request wants to hear its progress by (MCP "Progress"); null where it does not. */
export function progressToken(params: JsonObject | undefined): RequestId | null {
  const meta = params?._meta;
  const token = isObject(meta) ? meta.progressToken : undefined;
  return typeof token === "string" || typeof token === "number" ? token : null;
}
