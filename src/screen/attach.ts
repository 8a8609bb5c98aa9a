/** Keeps a store attached to gateways: those at given sockets, or every one of this user that comes and goes. */
import { type ControlError, connectGateway, type GatewayConnection } from "../control/client.ts";
import { discoverGateways, removeStale } from "../control/discover.ts";
import { locateHome } from "../state/home.ts";
import { refreshDetail } from "./detail.ts";
import type { Store } from "./store.ts";

const RETRY_MS = 500;

export class Attachments {
  readonly #connections = new Map<string, GatewayConnection>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #store: Store | null = null;
  #stop: () => void = () => {};
  #closed = false;

  start(store: Store, sockets: readonly string[] | "all"): void {
    this.#store = store;
    if (sockets === "all") {
      const discovery = discoverGateways(
        locateHome().runDir,
        (path) => void this.#attach(path, discovery.release),
      );
      this.#stop = () => discovery.close();
    } else {
      const again = (path: string) => this.#later(() => void this.#attach(path, again));
      for (const path of sockets) void this.#attach(path, again);
    }
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
    this.#stop();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const connection of this.#connections.values()) connection.close();
  }

  async #attach(path: string, release: (path: string) => void): Promise<void> {
    const store = this.#store;
    if (!store || this.#closed) return;
    let id: string | null = null;
    // What comes in the same read as the hello comes before `connectGateway` resolves: kept until then.
    const early: (() => void)[] = [];
    const receive = (take: (gateway: string) => void) => {
      const run = () => {
        if (id === null) return;
        take(id);
        refreshDetail(store);
        store.changed();
      };
      if (id === null) early.push(run);
      else run();
    };
    try {
      const connection = await connectGateway(path, {
        snapshot: (snapshot) => receive((gateway) => store.model.snapshot(gateway, snapshot, store.now())),
        events: (events) => receive((gateway) => store.model.events(gateway, events, store.now())),
        closed: (error) =>
          receive((gateway) => {
            this.#connections.delete(gateway);
            store.model.end(gateway, store.now());
            if (error && error.code !== "closed") store.notice(error.message);
            if (!this.#closed) release(path);
          }),
      });
      if (this.#closed) return connection.close();
      id = connection.gateway.id;
      this.#connections.set(id, connection);
      store.model.attach(connection.gateway);
      for (const run of early) run();
      store.changed();
    } catch (error) {
      const { code, message } = error as ControlError;
      if (code === "refused") await removeStale(path);
      else if (code === "version" || code === "protocol") return store.notice(message); // Asking again will not help.
      if (!this.#closed) this.#later(() => release(path));
    }
  }

  #later(run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, RETRY_MS);
    this.#timers.add(timer);
  }
}
