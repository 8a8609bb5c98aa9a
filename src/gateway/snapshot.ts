import type { PolicyView, Snapshot } from "../control/protocol.ts";
import { counterViews } from "./counter-views.ts";
import type { Gateway } from "./gateway.ts";

/** Everything a screen starts with. */
export function snapshotOf(gateway: Gateway): Snapshot {
  const { history, upstreams, holds, operator } = gateway;
  return {
    policy: policyView(gateway),
    upstreams,
    totals: { ...history.totals },
    calls: history.calls(),
    counters: counterViews(gateway),
    denials: history.denials(),
    holds: holds.list(),
    operator: operator.view(),
    rate: history.rate(gateway.clock()),
  };
}

export function policyView({ policies }: Gateway): PolicyView {
  const { current, problems, loadedAt, reloads } = policies;
  const { files, hash, rules } = current;
  return { files: [...files], hash, loadedAt, reloads, rules, problems: problems.map((p) => ({ ...p })) };
}
