/** The rows of each pane: live, or as they were when the person paused. */
import { type GatewayRow, gatewayRows } from "./gateways.ts";
import type { PaneName } from "./layout.ts";
import type { CounterRow, DenialRow, HoldRow } from "./merge.ts";
import type { CallRow, Model } from "./model.ts";
import { type List, listOf } from "./ring.ts";

/** What a row of each pane is. */
export type Rows = {
  holds: HoldRow;
  calls: CallRow;
  counters: CounterRow;
  denials: DenialRow;
  gateways: GatewayRow;
};

export type Content = { readonly [Pane in PaneName]: List<Rows[Pane]> };

/** What was there when the person paused; what is held and which gateways there are stays live. */
export type Frozen = Omit<Content, "holds" | "gateways"> & { readonly arrived: number };

export function live(model: Model): Content {
  return {
    holds: listOf(model.holds),
    calls: model.calls,
    counters: listOf(model.counters),
    denials: listOf(model.denials),
    gateways: listOf(gatewayRows(model)),
  };
}

export function freeze(model: Model): Frozen {
  const { counters, denials } = live(model);
  return { calls: listOf(model.calls.toArray()), counters, denials, arrived: model.arrived };
}
