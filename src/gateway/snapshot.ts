import type { PolicyView, Snapshot } from "../control/protocol.ts";
import { counterViews } from "./counter-views.ts";
import type { Gateway } from "./gateway.ts";
import { sessionViews, toolViews } from "./traffic-views.ts";

/** Everything a screen starts with. */
export function snapshotOf(gateway: Gateway): Snapshot {
  const { history, upstreams, holds, operator } = gateway;
  return {
    policy: policyView(gateway),
    upstreams,
    tools: toolViews(gateway),
    sessions: sessionViews(gateway),
    totals: { ...history.totals },
    calls: history.calls(),
    counters: counterViews(gateway),
    denials: history.denials(),
    holds: holds.list(),
    operator: operator.view(),
    whatIf: gateway.whatIf,
    rate: history.rate(gateway.clock()),
    log: gateway.lines.list(),
  };
}

export function policyView({ policies }: Gateway): PolicyView {
  const { current, problems, loadedAt, reloads, history } = policies;
  const { files, hash, rules } = current.policy;
  return {
    files: [...files],
    hash,
    loadedAt,
    reloads,
    rules,
    problems: problems.map((p) => ({ ...p })),
    history: history.list(),
    plugins: [],
  };
}
