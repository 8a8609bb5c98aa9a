/** The tools and the agents of several gateways as one. */
import type { SessionView, ToolView } from "../control/protocol.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { Keyed } from "./ring.ts";

export type ToolRow = ToolView & Keyed;
export type AgentRow = SessionView & Keyed;

/** Most calls first. Of gateways in front of one server, a tool is the same: its times are the slowest of theirs. */
export function mergeTools(gateways: Iterable<GatewayState>): ToolRow[] {
  const rows = new Map<string, ToolRow>();
  for (const { tools } of gateways)
    for (const tool of tools) {
      const key = `${tool.upstream}\n${tool.name}`;
      const had = rows.get(key);
      rows.set(key, had ? sum(had, tool) : { ...tool, key });
    }
  return [...rows.values()].sort(
    (a, b) => b.calls - a.calls || Number(a.hidden) - Number(b.hidden) || (a.key < b.key ? -1 : 1),
  );
}

function sum(a: ToolRow, b: ToolView): ToolRow {
  return {
    ...((b.lastTime ?? 0) > (a.lastTime ?? 0) ? b : a),
    key: a.key,
    hidden: a.hidden && b.hidden,
    listed: a.listed || b.listed,
    calls: a.calls + b.calls,
    denied: a.denied + b.denied,
    errors: a.errors + b.errors,
    p50: most(a.p50, b.p50),
    p99: most(a.p99, b.p99),
    lastTime: most(a.lastTime, b.lastTime),
  };
}

function most(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/** Those connected first, the last to have called first. */
export function mergeAgents(gateways: Iterable<GatewayState>): AgentRow[] {
  const rows: AgentRow[] = [];
  for (const { view, endedAt, sessions } of gateways)
    for (const session of sessions) {
      const key = [view.id, session.id, session.upstream, session.agent].join("\n");
      rows.push({ ...session, key, open: session.open && endedAt === null });
    }
  const last = ({ lastTime, since }: AgentRow) => lastTime ?? since;
  return rows.sort((a, b) => Number(b.open) - Number(a.open) || last(b) - last(a));
}
