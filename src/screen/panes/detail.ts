import type { Detail } from "../detail.ts";
import type { Piece } from "../line.ts";
import type { Store } from "../store.ts";
import { agentDetail } from "./agents.ts";
import { counterDetail } from "./counters.ts";
import { denialDetail } from "./denials.ts";
import { gatewayDetail } from "./gateways.ts";
import { logDetail } from "./log.ts";
import { policyDetail } from "./policies.ts";
import { toolDetail } from "./tools.ts";

/** The detail of any row but a call's. */
export function otherDetail(
  store: Store,
  detail: Exclude<Detail, { kind: "call" }>,
  cells: number,
): Piece[][] {
  switch (detail.kind) {
    case "counter":
      return counterDetail(detail.row, store.now());
    case "denial":
      return denialDetail(store, detail.row, cells);
    case "tool":
      return toolDetail(store, detail.row);
    case "agent":
      return agentDetail(store, detail.row);
    case "policy":
      return policyDetail(store, detail.row, cells);
    case "gateway":
      return gatewayDetail(detail.row, store.now());
    case "answer":
      return detail.lines(cells);
    case "log":
      return logDetail(store, detail.row, cells);
  }
}
