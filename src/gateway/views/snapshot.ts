import type { OperatorView, PolicyView, Snapshot } from "../../control/protocol.ts";
import type { Gateway } from "../gateway.ts";
import { counterViews } from "./counter-views.ts";
import { pluginViews } from "./plugin-views.ts";
import { sessionViews, toolViews } from "./traffic-views.ts";

/** Everything a screen starts with. */
export function snapshotOf(gateway: Gateway): Snapshot {
  const { history, upstreams, holds } = gateway;
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
    operator: operatorView(gateway),
    whatIf: gateway.whatIf,
    rate: history.rate(gateway.clock()),
    log: gateway.lines.list(),
  };
}

export function operatorView({ operator, policies }: Gateway): OperatorView {
  return { ...operator.view(), plugins: [...policies.off] };
}

export function policyView({ policies }: Pick<Gateway, "policies">): PolicyView {
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
    plugins: pluginViews(policies),
  };
}
