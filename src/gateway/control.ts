import type { Event, Snapshot } from "../control/protocol.ts";
import type { ControlSource } from "../control/server.ts";
import { runCommand } from "./commands/commands.ts";
import { counterViews } from "./counter-views.ts";
import type { Gateway } from "./gateway.ts";
import { snapshotOf } from "./snapshot.ts";

/** Counters are read again at most this often, in ms; other gateways change them too. */
const COUNTERS_EVERY = 250;

/** What a gateway shows on its control socket, and the commands it takes there. */
export class GatewayControl implements ControlSource {
  readonly #gateway: Gateway;
  #countersRead = 0;
  #lastCounters = "";
  #lastDenials = 0;
  #lastHolds = 0;
  #lastUpstreams = "";
  #lastTotals = "";
  #lastOperator = "";

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
    const { history, upstreams } = this.#gateway;
    const events: Event[] = history.takeChanged().map((call) => ({ type: "call", call }));
    if (history.totals.denied !== this.#lastDenials) {
      this.#lastDenials = history.totals.denied;
      events.push({ type: "denials", denials: history.denials() });
    }
    const { holds } = this.#gateway;
    if (holds.version !== this.#lastHolds) {
      this.#lastHolds = holds.version;
      events.push({ type: "holds", holds: holds.list() });
    }
    const operator = this.#gateway.operator.view();
    const operatorNow = JSON.stringify(operator);
    if (operatorNow !== this.#lastOperator) {
      this.#lastOperator = operatorNow;
      events.push({ type: "operator", operator });
    }
    const totals = JSON.stringify(history.totals);
    if (totals !== this.#lastTotals) {
      this.#lastTotals = totals;
      events.push({ type: "totals", totals: { ...history.totals } });
    }
    const upstreamsNow = JSON.stringify(upstreams);
    if (upstreamsNow !== this.#lastUpstreams) {
      this.#lastUpstreams = upstreamsNow;
      events.push({ type: "upstreams", upstreams });
    }
    const now = this.#gateway.clock();
    if (now - this.#countersRead >= COUNTERS_EVERY) {
      this.#countersRead = now;
      const counters = counterViews(this.#gateway);
      const text = JSON.stringify(counters);
      if (text !== this.#lastCounters) events.push({ type: "counters", counters });
      this.#lastCounters = text;
    }
    return events;
  }

  command(line: string): Promise<unknown> {
    return runCommand(this.#gateway, line);
  }
}
