import type { Event, Snapshot } from "../../control/protocol.ts";
import type { ControlSource } from "../../control/server.ts";
import { runCommand } from "../commands/commands.ts";
import type { Gateway } from "../gateway.ts";
import { counterViews } from "./counter-views.ts";
import { operatorView, policyView, snapshotOf } from "./snapshot.ts";
import { sessionViews, toolViews } from "./traffic-views.ts";

/** Counters are read again at most this often, in ms; other gateways change them too. */
const COUNTERS_EVERY = 250;
/** And tools and sessions, of which there may be hundreds, this often. */
const TRAFFIC_EVERY = 500;

/** What a gateway shows on its control socket, and the commands it takes there. */
export class GatewayControl implements ControlSource {
  readonly #gateway: Gateway;
  #countersRead = 0;
  #trafficRead = 0;
  #lastDenials = 0;
  #lastHolds = 0;
  /** What was last said, by type of event. */
  readonly #said = new Map<Event["type"], string>();

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  get view() {
    return this.#gateway.view;
  }

  watched(on: boolean): void {
    this.#gateway.history.track(on);
  }

  snapshot(): Snapshot {
    return snapshotOf(this.#gateway);
  }

  changes(): Event[] {
    const gateway = this.#gateway;
    const { history, holds, upstreams } = gateway;
    const events: Event[] = history.takeChanged().map((call) => ({ type: "call", call }));
    if (history.totals.denied !== this.#lastDenials) {
      this.#lastDenials = history.totals.denied;
      events.push({ type: "denials", denials: history.denials() });
    }
    if (holds.version !== this.#lastHolds) {
      this.#lastHolds = holds.version;
      events.push({ type: "holds", holds: holds.list() });
    }
    events.push(
      ...this.#news({ type: "operator", operator: operatorView(gateway) }),
      ...this.#news({ type: "totals", totals: { ...history.totals } }),
      ...this.#news({ type: "upstreams", upstreams }),
    );
    const now = gateway.clock();
    if (now - this.#countersRead >= COUNTERS_EVERY) {
      this.#countersRead = now;
      events.push(...this.#news({ type: "counters", counters: counterViews(gateway) }));
    }
    if (now - this.#trafficRead >= TRAFFIC_EVERY) {
      this.#trafficRead = now;
      events.push(
        ...this.#news({ type: "tools", tools: toolViews(gateway) }),
        ...this.#news({ type: "sessions", sessions: sessionViews(gateway) }),
        // How often plugins were asked.
        ...this.#news({ type: "policy", policy: policyView(gateway) }),
      );
    }
    return events;
  }

  /** The event, unless it says what the last of its type said. */
  #news(event: Event): Event[] {
    const text = JSON.stringify(event);
    if (this.#said.get(event.type) === text) return [];
    this.#said.set(event.type, text);
    return [event];
  }

  command(line: string): Promise<unknown> {
    return runCommand(this.#gateway, line);
  }
}
