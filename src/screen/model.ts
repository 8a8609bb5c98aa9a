/** What all attached gateways have said, bounded, as plain data: nothing here knows of React or a terminal. */

import { inOrder, type PastCall } from "../control/past/logs.ts";
import type { Event, GatewayView, Snapshot } from "../control/protocol.ts";
import { type CallRow, Calls, lost } from "./calls.ts";
import { GatewayState, pastGateway } from "./gateway-state.ts";
import { Logs } from "./logs.ts";
import {
  type CounterRow,
  type DenialRow,
  type HoldRow,
  mergeCounters,
  mergeDenials,
  mergeHolds,
} from "./merge.ts";
import { type PolicyRow, policyRows } from "./policy-rows.ts";
import { type Keyed, type List, listOf } from "./ring.ts";
import { type AgentRow, mergeAgents, mergeTools, type ToolRow } from "./traffic.ts";

/** In place of a gateway's id. */
const NOBODY = "";
/** Gateways that ended, beyond which the longest gone is forgotten. */
const ENDED = 100;
/** Gateways that a log tells of, at most. */
const PAST = 1_000;

type Made = {
  counters?: CounterRow[];
  denials?: DenialRow[];
  tools?: ToolRow[];
  agents?: AgentRow[];
  policies?: PolicyRow[];
  holds?: HoldRow[];
  allHolds?: HoldRow[];
  names?: Map<string, string>;
};

export class Model {
  readonly calls = new Calls();
  readonly logs = new Logs();
  readonly gateways = new Map<string, GatewayState>();
  /** Holds that ever came in; the bell counts by it. */
  heldEver = 0;
  /** Rises with everything a gateway says. */
  version = 0;
  #picked: ReadonlySet<string> | null = null;
  /** What was made of what the gateways said last. */
  #made: Made = {};
  #stream: { of: List<CallRow>; version: number; list: List<CallRow> } | null = null;

  /** The gateways to look at; null for all. */
  get picked(): ReadonlySet<string> | null {
    return this.#picked;
  }

  pick(gateways: ReadonlySet<string> | null): void {
    this.#picked = gateways;
    this.#forget();
  }

  /** The gateways that are looked at: everything but `calls`, `logs` and `allHolds` is of these. */
  get shown(): GatewayState[] {
    return [...this.gateways.values()].filter(({ view }) => this.#shows(view.id));
  }

  /** Those of `calls` that are looked at. */
  stream(calls: List<CallRow> = this.calls): List<CallRow> {
    if (this.#picked === null) return calls;
    const had = this.#stream;
    if (had?.of === calls && had.version === this.version) return had.list;
    this.#stream = { of: calls, version: this.version, list: this.ofShown(calls) };
    return this.#stream.list;
  }

  /** Those rows that are of gateways looked at. */
  ofShown<T extends Keyed & { readonly gateway: string }>(rows: List<T>): List<T> {
    if (this.#picked === null) return rows;
    const kept: T[] = [];
    for (let index = 0; index < rows.length; index++) {
      const row = rows.at(index);
      if (row && this.#shows(row.gateway)) kept.push(row);
    }
    return listOf(kept);
  }

  get counters(): CounterRow[] {
    this.#made.counters ??= mergeCounters(this.shown);
    return this.#made.counters;
  }

  get denials(): DenialRow[] {
    this.#made.denials ??= mergeDenials(this.shown);
    return this.#made.denials;
  }

  get tools(): ToolRow[] {
    this.#made.tools ??= mergeTools(this.shown);
    return this.#made.tools;
  }

  get agentRows(): AgentRow[] {
    this.#made.agents ??= mergeAgents(this.shown);
    return this.#made.agents;
  }

  get policyRows(): PolicyRow[] {
    this.#made.policies ??= policyRows(this.shown);
    return this.#made.policies;
  }

  get holds(): HoldRow[] {
    this.#made.holds ??= this.allHolds.filter(({ gateway }) => this.#shows(gateway));
    return this.#made.holds;
  }

  /** Those of gateways that are not looked at, too. */
  get allHolds(): HoldRow[] {
    this.#made.allHolds ??= mergeHolds(this.gateways.values());
    return this.#made.allHolds;
  }

  /** What to call a gateway: its name, with its process id where another has the same. */
  nameOf(gateway: string): string {
    this.#made.names ??= namesOf([...this.gateways.values()]);
    return this.#made.names.get(gateway) ?? gateway;
  }

  #shows(gateway: string): boolean {
    return this.#picked === null || gateway === NOBODY || this.#picked.has(gateway);
  }

  /** A gateway said hello; one that was lost and found again goes on where it was. */
  attach(view: GatewayView): void {
    const known = this.gateways.get(view.id);
    if (known) Object.assign(known, { view, endedAt: null });
    else this.gateways.set(view.id, new GatewayState(view));
    this.#forget();
  }

  end(gateway: string, now: number): void {
    const state = this.gateways.get(gateway);
    if (state) state.endedAt = now;
    this.calls.ended(gateway);
    const ended = [...this.gateways.values()].filter((each) => each.endedAt !== null);
    ended.sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    for (const old of ended.slice(0, -ENDED)) this.gateways.delete(old.view.id);
    if (this.#picked !== null && this.shown.length === 0) this.#picked = null;
    this.#forget();
  }

  /** Who looked at a gateway that has ended meanwhile looks at the one that took its place. */
  #succeed({ view, name }: GatewayState): void {
    const picked = this.#picked;
    if (picked === null || picked.has(view.id)) return;
    const gone = [...this.gateways.values()].some(
      (each) => each.endedAt !== null && !each.past && each.name === name && picked.has(each.view.id),
    );
    if (gone) this.pick(new Set([...picked, view.id]));
  }

  snapshot(gateway: string, snapshot: Snapshot, now: number): void {
    const had = new Set(this.allHolds.map((hold) => hold.key));
    const state = this.gateways.get(gateway);
    const first = state?.heard === false;
    state?.replace(snapshot, now);
    this.#forget();
    if (state && first) this.#succeed(state);
    this.#countHolds(had);
    this.version++;
    this.calls.toldAll(gateway, snapshot.calls);
    this.logs.saidAll(gateway, snapshot.log);
  }

  /**
   * Calls of the audit log. What a gateway says itself of a call holds.
   *
   * @param ended when the log of a gateway that is not running was last written to
   */
  past(calls: readonly PastCall[], ended: (gateway: string) => number): void {
    const rows: CallRow[] = [];
    const told = new Set<GatewayState>();
    for (const { gateway, call } of calls) {
      const row: CallRow = { ...this.calls.row(gateway, call), past: true };
      const had = this.calls.get(row.key);
      if (had) {
        // It had not been heard how that one ended.
        if (had.call.outcome === null && call.outcome !== null) this.calls.replace(row);
        continue;
      }
      const state = this.#pastState(gateway, ended);
      if (state === null) continue;
      const settled = state.endedAt === null ? row : lost(row);
      if (state.past) {
        state.tally.add(settled.call);
        told.add(state);
      }
      rows.push(settled);
    }
    for (const state of told) state.tally.showIn(state);
    this.calls.reset([...rows, ...this.calls.toArray()].sort(inOrder));
    this.#forget();
  }

  #pastState(gateway: string, ended: (gateway: string) => number): GatewayState | null {
    const known = this.gateways.get(gateway);
    if (known) return known;
    if (this.gateways.size >= PAST) return null;
    const state = new GatewayState(pastGateway(gateway));
    state.endedAt = ended(gateway);
    this.gateways.set(gateway, state);
    return state;
  }

  events(gateway: string, events: readonly Event[], now: number): void {
    const state = this.gateways.get(gateway);
    if (!state) return;
    const had = new Set(this.allHolds.map((hold) => hold.key));
    for (const event of events) {
      if (event.type === "call") {
        if (this.calls.told(gateway, event.call)) state.rate.add(event.call.time);
      } else if (event.type === "log") this.logs.said(gateway, event);
      else {
        state.apply(event, now);
        this.#forget();
      }
    }
    this.version++;
    this.#countHolds(had);
  }

  #countHolds(had: ReadonlySet<string>): void {
    for (const { key } of this.allHolds) if (!had.has(key)) this.heldEver++;
  }

  /** What the screen itself has to say, of no gateway. */
  note(text: string, time: number): void {
    this.logs.said(NOBODY, { level: "warn", text, time });
    this.version++;
  }

  #forget(): void {
    this.version++;
    this.#made = {};
  }
}

function namesOf(gateways: readonly GatewayState[]): Map<string, string> {
  const alike = Map.groupBy(gateways, ({ name }) => name);
  return new Map(
    gateways.map(({ name, view }) => [
      view.id,
      (alike.get(name)?.length ?? 0) > 1 ? `${name}:${view.pid}` : name,
    ]),
  );
}
