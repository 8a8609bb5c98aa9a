/** What all attached gateways have said, bounded, as plain data: nothing here knows of React or a terminal. */

import { inOrder, type PastCall } from "../control/past/logs.ts";
import type { CallView, Event, GatewayView, LogView, Snapshot } from "../control/protocol.ts";
import { GatewayState, pastGateway } from "./gateway-state.ts";
import {
  type CounterRow,
  type DenialRow,
  type HoldRow,
  mergeCounters,
  mergeDenials,
  mergeHolds,
} from "./merge.ts";
import { type PolicyRow, policyRows } from "./policy-rows.ts";
import { type Keyed, type List, listOf, Ring } from "./ring.ts";
import { width } from "./text.ts";
import { type AgentRow, mergeAgents, mergeTools, type ToolRow } from "./traffic.ts";

/** A call in the one stream. Never changed: a newer state is a new row, so a paused view can keep the old. */
export type CallRow = Keyed & {
  readonly gateway: string;
  readonly call: CallView;
  /** It is of the audit log: its gateway no longer tells of it. */
  readonly past?: true;
};
export type LogRow = Keyed & LogView & { readonly gateway: string };

const CALLS = 10_000;
const LOGS = 500;
/** In place of a gateway's id. */
const NOBODY = "";
/** Gateways that ended, beyond which the longest gone is forgotten. */
const ENDED = 100;
/** Gateways that a log tells of, at most. */
const PAST = 1_000;

/** The widest of the names that a column has shown, so that columns fit and do not jump. */
export type Widths = { agent: number; upstream: number; tool: number; rule: number };

/** The one agent there is, if there is one: its name then goes into the header and not into every row. */
export type Agents = { only: string | null; many: boolean };

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
  readonly calls = new Ring<CallRow>(CALLS);
  readonly logs = new Ring<LogRow>(LOGS);
  readonly gateways = new Map<string, GatewayState>();
  readonly widths: Widths = { agent: 0, upstream: 0, tool: 0, rule: 0 };
  readonly agents: Agents = { only: null, many: false };
  /** Calls that ever came in; a paused view counts what is new by it. */
  arrived = 0;
  /** Holds that ever came in; the bell counts by it. */
  heldEver = 0;
  /** Some call had a shadow verdict, which takes more room. */
  shadowed = false;
  /** Rises with everything a gateway says. */
  version = 0;
  #logged = 0;
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
    for (const row of this.calls.toArray()) if (row.gateway === gateway) this.calls.replace(lost(row));
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
    const rows = new Map(this.calls.toArray().map((row) => [row.key, row]));
    for (const call of snapshot.calls) {
      const row = this.#row(gateway, call);
      if (!rows.has(row.key)) this.arrived++;
      rows.set(row.key, row);
    }
    this.version++;
    this.calls.reset([...rows.values()].sort(inOrder));
    this.#resetLogs(gateway, snapshot.log);
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
      const row: CallRow = { ...this.#row(gateway, call), past: true };
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
      if (event.type === "call") this.#call(state, event.call);
      else if (event.type === "log") this.#log(gateway, event);
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

  #call(state: GatewayState, call: CallView): void {
    const row = this.#row(state.view.id, call);
    if (this.calls.indexOf(row.key) >= 0) {
      this.calls.replace(row);
      return;
    }
    // A call so old that the ring let go of it has settled: it is not a new one.
    const oldest = this.calls.length === CALLS ? this.calls.at(0) : undefined;
    if (oldest && call.time < oldest.call.time) return;
    state.rate.add(call.time);
    this.arrived++;
    this.calls.push(row);
  }

  #row(gateway: string, call: CallView): CallRow {
    const { agents, widths } = this;
    if (agents.only !== call.agent) {
      agents.many ||= agents.only !== null;
      agents.only ??= call.agent;
    }
    widths.agent = wider(widths.agent, call.agent);
    widths.upstream = wider(widths.upstream, call.upstream);
    widths.tool = wider(widths.tool, call.tool);
    const rule = call.rule ?? call.would?.rule;
    if (rule) widths.rule = wider(widths.rule, rule.name);
    this.shadowed ||= call.would !== null;
    return { key: `${gateway}/${call.id}`, gateway, call };
  }

  /** What the screen itself has to say, of no gateway. */
  note(text: string, time: number): void {
    this.#log(NOBODY, { level: "warn", text, time });
    this.version++;
  }

  #log(gateway: string, { time, level, text }: LogView): void {
    this.logs.push({ key: String(this.#logged++), gateway, time, level, text });
  }

  /** A snapshot has a gateway's last lines: they replace those known of it, also where some were missed. */
  #resetLogs(gateway: string, lines: readonly LogView[]): void {
    const others = this.logs.toArray().filter((row) => row.gateway !== gateway);
    const rows = lines.map(({ time, level, text }) => ({
      key: String(this.#logged++),
      gateway,
      time,
      level,
      text,
    }));
    this.logs.reset([...others, ...rows].sort((a, b) => a.time - b.time));
  }

  #forget(): void {
    this.version++;
    this.#made = {};
  }
}

/** Nobody will hear how a call ended whose gateway is gone. */
function lost(row: CallRow): CallRow {
  return row.call.outcome === null ? { ...row, call: { ...row.call, outcome: "lost" } } : row;
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

const WIDEST = 40;

function wider(had: number, name: string): number {
  return had >= WIDEST ? had : Math.max(had, width(name.slice(0, WIDEST)));
}
