/** The tools of a gateway's upstreams and the agents that came, as the screen has them. */
import type { SessionView, ToolView } from "../../control/protocol.ts";
import type { Gateway } from "../gateway.ts";
import type { ToolTally } from "../history/tool-tallies.ts";

/** Most tools shown: those that were called go first. */
const MAX_TOOLS = 500;

export function toolViews(gateway: Gateway): ToolView[] {
  const { history, upstreams } = gateway;
  const called = history.tools.list().reverse();
  const known = new Set(called.map(({ upstream, tool }) => keyOf(upstream, tool)));
  const uncalled = upstreams.flatMap(({ name: upstream }) =>
    gateway
      .catalog(upstream)
      .names()
      .filter((tool) => !known.has(keyOf(upstream, tool)))
      .map((tool) => ({ upstream, tool })),
  );
  const views = called.slice(0, MAX_TOOLS).map((tally) => toolView(gateway, tally, tally));
  return [
    ...views,
    ...uncalled.slice(0, MAX_TOOLS - views.length).map((tool) => toolView(gateway, tool, null)),
  ];
}

const keyOf = (upstream: string, tool: string): string => `${upstream}\n${tool}`;

function toolView(
  gateway: Gateway,
  { upstream, tool }: Pick<ToolTally, "upstream" | "tool">,
  tally: ToolTally | null,
): ToolView {
  const catalog = gateway.catalog(upstream);
  const annotations = catalog.annotations(tool);
  const policy = gateway.policy();
  return {
    upstream,
    name: tool,
    classes: [...policy.plan({ tool, upstream, annotations }).classes],
    hidden: !gateway.shadow && policy.hidden(tool, upstream, annotations),
    listed: catalog.lists(tool),
    calls: tally?.calls ?? 0,
    denied: tally?.denied ?? 0,
    errors: tally?.errors ?? 0,
    p50: tally?.latency.quantile(0.5) ?? null,
    p99: tally?.latency.quantile(0.99) ?? null,
    lastTime: tally?.lastTime ?? null,
  };
}

export function sessionViews({ history, sessions }: Gateway): SessionView[] {
  const open = new Set(
    [...sessions].map(({ id, upstream, agentName }) => keyOf(`${id} ${upstream}`, agentName)),
  );
  return history.roster.list().map(({ modern, ...guest }) => ({
    ...guest,
    era: modern ? "modern" : "legacy",
    open: open.has(keyOf(`${guest.id} ${guest.upstream}`, guest.agent)),
  }));
}
