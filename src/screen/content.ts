/** The rows of each pane: live, or as they were when the person paused. */

import type { CallRow } from "./calls.ts";
import { type GatewayRow, gatewayRows } from "./gateways.ts";
import type { PaneName } from "./layout.ts";
import type { LogRow } from "./logs.ts";
import type { CounterRow, DenialRow, HoldRow } from "./merge.ts";
import type { Model } from "./model.ts";
import type { PolicyRow } from "./policy-rows.ts";
import { type List, listOf } from "./ring.ts";
import type { AgentRow, ToolRow } from "./traffic.ts";

/** What a row of each pane is. */
export type Rows = {
  holds: HoldRow;
  calls: CallRow;
  counters: CounterRow;
  denials: DenialRow;
  tools: ToolRow;
  agents: AgentRow;
  policies: PolicyRow;
  gateways: GatewayRow;
  log: LogRow;
};

export type Content = { readonly [Pane in PaneName]: List<Rows[Pane]> };

/** What was there when the person paused; what is held, what decides and which gateways there are stays live. */
export type Frozen = Omit<Content, "holds" | "policies" | "gateways"> & { readonly arrived: number };

export function live(model: Model): Content {
  return {
    holds: listOf(model.holds),
    calls: model.calls,
    counters: listOf(model.counters),
    denials: listOf(model.denials),
    tools: listOf(model.tools),
    agents: listOf(model.agentRows),
    policies: listOf(model.policyRows),
    gateways: listOf(gatewayRows(model)),
    log: model.logs,
  };
}

export function freeze(model: Model): Frozen {
  const { counters, denials, tools, agents } = live(model);
  const calls = listOf(model.calls.toArray());
  const log = listOf(model.logs.toArray());
  return { calls, counters, denials, tools, agents, log, arrived: model.calls.arrived };
}
