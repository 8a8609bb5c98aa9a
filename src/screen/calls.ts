/** The calls of all gateways as one stream in the order of time, bounded, and what its columns need to know. */
import { inOrder } from "../control/past/logs.ts";
import type { CallView } from "../control/protocol.ts";
import { type Keyed, Ring } from "./ring.ts";
import { width } from "./text.ts";

/** A call in the one stream. Never changed: a newer state is a new row, so a paused view can keep the old. */
export type CallRow = Keyed & {
  readonly gateway: string;
  readonly call: CallView;
  /** It is of the audit log: its gateway no longer tells of it. */
  readonly past?: true;
};

/** The widest of the names that a column has shown, so that columns fit and do not jump. */
export type Widths = { agent: number; upstream: number; tool: number; rule: number };

/** The one agent there is, if there is one: its name then goes into the header and not into every row. */
export type Agents = { only: string | null; many: boolean };

const CALLS = 10_000;

export class Calls extends Ring<CallRow> {
  readonly widths: Widths = { agent: 0, upstream: 0, tool: 0, rule: 0 };
  readonly agents: Agents = { only: null, many: false };
  /** Calls that ever came in; a paused view counts what is new by it. */
  arrived = 0;
  /** Some call had a shadow verdict, which takes more room. */
  shadowed = false;

  constructor() {
    super(CALLS);
  }

  /** A gateway told of a call, or of what became of it. Returns whether it is a new one. */
  told(gateway: string, call: CallView): boolean {
    const row = this.row(gateway, call);
    if (this.indexOf(row.key) >= 0) {
      this.replace(row);
      return false;
    }
    // A call so old that the ring let go of it has settled: it is not a new one.
    const oldest = this.length === CALLS ? this.at(0) : undefined;
    if (oldest && call.time < oldest.call.time) return false;
    this.arrived++;
    this.push(row);
    return true;
  }

  /** A gateway told how things stand. */
  toldAll(gateway: string, calls: readonly CallView[]): void {
    const rows = new Map(this.toArray().map((row) => [row.key, row]));
    for (const call of calls) {
      const row = this.row(gateway, call);
      if (!rows.has(row.key)) this.arrived++;
      rows.set(row.key, row);
    }
    this.reset([...rows.values()].sort(inOrder));
  }

  /** A gateway has ended. */
  ended(gateway: string): void {
    for (const row of this.toArray()) if (row.gateway === gateway) this.replace(lost(row));
  }

  row(gateway: string, call: CallView): CallRow {
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
}

/** Nobody will hear how a call ended whose gateway is gone. */
export function lost(row: CallRow): CallRow {
  return row.call.outcome === null ? { ...row, call: { ...row.call, outcome: "lost" } } : row;
}

const WIDEST = 40;

function wider(had: number, name: string): number {
  return had >= WIDEST ? had : Math.max(had, width(name.slice(0, WIDEST)));
}
