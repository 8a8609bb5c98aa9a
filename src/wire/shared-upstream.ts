import type { Writable } from "node:stream";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { parseLossless } from "./lossless.ts";
import {
  decodeUtf8,
  type Message,
  noMessage,
  type RequestId,
  readUpstreamFrame,
  unasked,
} from "./message.ts";
import { PassingMap } from "./passing-map.ts";
import type { Connect, Frame, Upstream, UpstreamEvents } from "./upstream.ts";

/** Where a notification of the modern era says which subscription it is of. */
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
/** Cancelled requests remembered, so that what still comes of them is known. */
const MAX_CANCELLED = 1_000;

/** A request on its way through the shared server. */
interface Loan {
  readonly borrower: UpstreamEvents;
  readonly id: RequestId;
  readonly progressToken: Json | undefined;
}

/** Whose server it is: told of what it says that concerns no agent, whether or not one is there. */
export type Owner = Pick<UpstreamEvents, "onDropped" | "onNote">;

/** A server that several agents reach at a time. */
export interface SharedUpstream {
  readonly connect: Connect;
  /** What is written to it, where it has started. */
  sinks(): readonly Writable[];
  /** Ends the server itself. */
  stop(): Promise<void>;
}

/**
 * One server for many agents of the modern era, which has no sessions (MCP 2026-07-28 basic, "Statelessness").
 * Agents choose their ids without knowing of each other, so each request gets one of the gateway's on its way
 * in, and every field that bears it gets the agent's own on its way out. Started with the first request, and
 * anew after it has gone.
 */
export function sharedUpstream(connect: Connect, owner: Owner): SharedUpstream {
  let shared: Promise<SharedServer> | null = null;
  let started: SharedServer | null = null;
  const forget = () => {
    shared = null;
    started = null;
  };
  return {
    async connect(events) {
      shared ??= SharedServer.start(connect, owner, forget);
      const server = await shared.catch((error: unknown) => {
        forget();
        throw error;
      });
      started = server;
      return server.lend(events);
    },
    sinks: () => started?.sinks() ?? [],
    async stop() {
      await (await shared?.catch(() => null))?.stop();
    },
  };
}

class SharedServer {
  readonly #loans = new PassingMap<number, Loan>();
  readonly #cancelled = new Set<number>();
  readonly #borrowers = new Set<UpstreamEvents>();
  readonly #owner: Owner;
  #server: Upstream | null = null;
  #next = 1;

  private constructor(owner: Owner) {
    this.#owner = owner;
  }

  static async start(connect: Connect, owner: Owner, onGone: () => void): Promise<SharedServer> {
    const self = new SharedServer(owner);
    const server = await connect({
      onFrame: (frame) => self.#receive(frame),
      onDropped: (reason, answers) => self.#dropped(reason, answers),
      onNote: (line) => owner.onNote(line),
      sinks: () => [...self.#borrowers].flatMap((borrower) => borrower.sinks()),
    });
    self.#server = server;
    void server.gone.then(onGone);
    return self;
  }

  lend(borrower: UpstreamEvents): Upstream {
    const server = this.#server;
    if (server === null) throw new Error("the shared server has not started");
    this.#borrowers.add(borrower);
    let returned: (status: number) => void = () => {};
    const over = new Promise<number>((resolve) => {
      returned = resolve;
    });
    const giveBack = (): void => {
      this.#borrowers.delete(borrower);
      for (const [id, loan] of this.#loans) if (loan.borrower === borrower) this.#loans.delete(id);
      returned(0);
    };
    return {
      send: (frame, message) => this.#send(server, borrower, frame, message),
      sinks: (): readonly Writable[] => server.sinks(),
      gone: Promise.race([server.gone, over]),
      stop: async () => {
        giveBack();
        return 0;
      },
    };
  }

  sinks(): readonly Writable[] {
    return this.#server?.sinks() ?? [];
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  #send(server: Upstream, borrower: UpstreamEvents, frame: Frame, message: Message): void {
    if (message.kind === "response") return; // a server of the modern era asks nothing
    const parsed = parseLossless(frame.toString());
    if (!isObject(parsed)) return;
    const params = isObject(parsed.params) ? parsed.params : undefined;
    if (message.kind === "request") {
      const id = this.#next++;
      const meta = isObject(params?._meta) ? params._meta : undefined;
      this.#loans.set(id, { borrower, id: message.id, progressToken: meta?.progressToken });
      parsed.id = id;
      if (meta?.progressToken !== undefined) meta.progressToken = id;
    } else if (message.method === "notifications/cancelled" && params !== undefined) {
      const id = this.#loanOf(borrower, params.requestId);
      if (id === null) return;
      params.requestId = id;
      this.#cancel(id);
    }
    server.send(JSON.stringify(parsed), message);
  }

  #cancel(id: number): void {
    this.#loans.delete(id);
    this.#cancelled.add(id);
    for (const oldest of this.#cancelled) {
      if (this.#cancelled.size <= MAX_CANCELLED) break;
      this.#cancelled.delete(oldest);
    }
  }

  #loanOf(borrower: UpstreamEvents, id: Json | undefined): number | null {
    for (const [own, loan] of this.#loans) if (loan.borrower === borrower && loan.id === id) return own;
    return null;
  }

  #receive(frame: Buffer): void {
    const text = decodeUtf8(frame);
    const message = text === null ? null : readUpstreamFrame(text);
    if (text === null || message === null) return this.#owner.onDropped(noMessage(frame));
    if (message.kind === "response") return this.#answer(text, message.id);
    if (message.kind === "request") {
      return this.#owner.onDropped("a request of the server's own, which the modern era does not have");
    }
    const { method, params } = message;
    const subject = this.#subject(method, params);
    if (subject === null) {
      // Nothing says whose it is: with one agent it can only be that one's, with more it is nobody's to read.
      const [only, ...others] = this.#borrowers;
      if (others.length === 0) only?.onFrame(frame);
      return;
    }
    const loan = this.#loans.get(subject);
    if (loan === undefined) return;
    const own = rewrite(text, (parsed) => restore(parsed, loan));
    if (own === null) return this.#owner.onDropped(TOO_DEEP);
    loan.borrower.onFrame(Buffer.from(own));
  }

  #dropped(reason: string, answers: RequestId | undefined): void {
    const loan = typeof answers === "number" ? this.#loans.get(answers) : undefined;
    if (typeof answers === "number") this.#loans.delete(answers);
    if (loan === undefined) this.#owner.onDropped(reason);
    else loan.borrower.onDropped(reason, loan.id);
  }

  #answer(text: string, id: RequestId | null): void {
    const loan = typeof id === "number" ? this.#loans.get(id) : undefined;
    if (typeof id !== "number" || loan === undefined) {
      if (typeof id !== "number" || !this.#cancelled.delete(id)) this.#owner.onDropped(unasked(id));
      return;
    }
    this.#loans.delete(id);
    const own = rewrite(text, (parsed) => {
      parsed.id = loan.id;
      const meta = isObject(parsed.result) ? parsed.result._meta : undefined;
      if (isObject(meta) && meta[SUBSCRIPTION] === id) meta[SUBSCRIPTION] = loan.id;
    });
    if (own === null) return loan.borrower.onDropped(TOO_DEEP, loan.id);
    loan.borrower.onFrame(Buffer.from(own));
  }

  /** The gateway's id of the request that a notification is about. */
  #subject(method: string, params: JsonObject | undefined): number | null {
    const meta = isObject(params?._meta) ? params._meta : undefined;
    const id =
      meta?.[SUBSCRIPTION] ??
      (method === "notifications/progress" ? params?.progressToken : undefined) ??
      (method === "notifications/cancelled" ? params?.requestId : undefined);
    return typeof id === "number" ? id : null;
  }
}

/** Puts an agent's own ids back into a notification. */
function restore(parsed: JsonObject, loan: Loan): void {
  const params = isObject(parsed.params) ? parsed.params : undefined;
  if (params === undefined) return;
  const meta = isObject(params._meta) ? params._meta : undefined;
  if (meta?.[SUBSCRIPTION] !== undefined) meta[SUBSCRIPTION] = loan.id;
  if (parsed.method === "notifications/progress" && loan.progressToken !== undefined) {
    params.progressToken = loan.progressToken;
  }
  if (parsed.method === "notifications/cancelled") params.requestId = loan.id;
}

const TOO_DEEP = "nested too deep to be written again";

/**
 * `text` with `change` made to it, and every number's digits as they were where the text allows it; null where it is
 * nested too deep to be written.
 */
function rewrite(text: string, change: (parsed: JsonObject) => void): string | null {
  const parsed = parseLossless(text);
  if (!isObject(parsed)) return text;
  change(parsed);
  try {
    return JSON.stringify(parsed);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
}
