/** Stays attached to gateways: those at given sockets, or every one of this user that comes and goes. */
import { type ControlError, connectGateway, type GatewayConnection } from "./client.ts";
import { type Discovery, discoverGateways, removeStale } from "./discover.ts";
import type { Event, GatewayView, Snapshot } from "./protocol.ts";

const RETRY_MS = 500;
/** For one that is there and cannot be talked to. */
const SULK_MS = 10_000;
/** Most troubles remembered. */
const MOST_TOLD = 200;

/** What is heard of gateways; of each, in the order in which it said it. */
export interface Listener {
  /** It said hello, for the first time or again. */
  attached(gateway: GatewayView): void;
  snapshot(gateway: string, snapshot: Snapshot): void;
  events(gateway: string, events: Event[]): void;
  /** It is gone; it may be attached again. */
  ended(gateway: string): void;
  /** Why one cannot be attached to, for a person. */
  trouble(message: string): void;
}

export class Following {
  readonly #from: readonly string[] | string;
  readonly #connections = new Map<string, GatewayConnection>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** The last trouble with each socket, which is told once. */
  readonly #told = new Map<string, string>();
  #discovery: Discovery | null = null;
  #listener: Listener | null = null;
  #closed = false;

  /** @param from sockets, tried until they are there, or the folder that gateways put theirs into */
  constructor(from: readonly string[] | string) {
    this.#from = from;
  }

  /** Resolves when those that are there now have told how things stand, or cannot. */
  async start(listener: Listener): Promise<void> {
    this.#listener = listener;
    let first: Promise<void>[] | null = [];
    const attach = (path: string) => {
      const attached = this.#attach(path, listener);
      first?.push(attached);
    };
    if (typeof this.#from === "string") {
      const discovery = discoverGateways(this.#from, attach, (message) => listener.trouble(message));
      this.#discovery = discovery;
      await discovery.ready;
    } else for (const path of this.#from) attach(path);
    const there = first;
    first = null;
    await Promise.all(there);
  }

  /** Sends a command to an attached gateway. */
  ask(gateway: string, command: string): Promise<unknown> {
    const connection = this.#connections.get(gateway);
    return connection
      ? connection.command(command)
      : Promise.reject(new Error("the gateway of this call has ended"));
  }

  close(): void {
    this.#closed = true;
    this.#discovery?.close();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const connection of this.#connections.values()) connection.close();
  }

  async #attach(path: string, listener: Listener): Promise<void> {
    let id: string | null = null;
    const snapshotted = Promise.withResolvers<void>();
    // What comes in the same read as the hello comes before `connectGateway` resolves: kept until then.
    const early: (() => void)[] = [];
    const receive = (take: (gateway: string) => void) => {
      const run = () => {
        if (id !== null) take(id);
      };
      if (id === null) early.push(run);
      else run();
    };
    try {
      const connection = await connectGateway(path, {
        snapshot: (snapshot) =>
          receive((gateway) => {
            listener.snapshot(gateway, snapshot);
            snapshotted.resolve();
          }),
        events: (events) => receive((gateway) => listener.events(gateway, events)),
        closed: (error) =>
          receive((gateway) => {
            this.#connections.delete(gateway);
            snapshotted.resolve();
            if (this.#closed) return;
            listener.ended(gateway);
            if (error === null || error.code === "closed") return this.#later(path, RETRY_MS);
            this.#trouble(path, error.message);
            this.#later(path, SULK_MS);
          }),
      });
      if (this.#closed) return connection.close();
      id = connection.gateway.id;
      this.#connections.set(id, connection);
      listener.attached(connection.gateway);
      for (const run of early) run();
      this.#told.delete(path);
      await snapshotted.promise;
    } catch (error) {
      const { code, message } = error as ControlError;
      if (code === "refused") await removeStale(path);
      if (this.#closed) return;
      const gone = code === "refused" || code === "unreachable" || code === "closed";
      if (!gone) this.#trouble(path, message);
      this.#later(path, gone ? RETRY_MS : SULK_MS);
    }
  }

  #trouble(path: string, message: string): void {
    if (this.#told.get(path) === message) return;
    if (this.#told.size >= MOST_TOLD) this.#told.clear();
    this.#told.set(path, message);
    this.#listener?.trouble(message);
  }

  #later(path: string, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#discovery) this.#discovery.release(path);
      else if (this.#listener) void this.#attach(path, this.#listener);
    }, ms);
    this.#timers.add(timer);
  }
}
