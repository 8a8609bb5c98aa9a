/** Several gateways' counters, denials, totals and rates as one. */
import type { CounterView, DenialView, HoldView, Totals } from "../control/protocol.ts";
import type { GatewayState } from "./gateway-state.ts";
import { RATE_SECONDS } from "./rate.ts";
import type { Keyed } from "./ring.ts";

export type CounterRow = CounterView & Keyed;
export type DenialRow = DenialView & Keyed;
/** Its key is its call's. */
export type HoldRow = Keyed & { readonly gateway: string; readonly hold: HoldView };

/** Nearest to its limit first; those without one last. Gateways on one state report the same counter: once. */
export function mergeCounters(gateways: Iterable<GatewayState>): CounterRow[] {
  const rows = new Map<string, CounterRow>();
  for (const gateway of [...gateways].sort((a, b) => a.countersAt - b.countersAt))
    for (const counter of gateway.counters) {
      const key = [counter.upstream, counter.scope, counter.counter, counter.window, counter.partition].join(
        "\n",
      );
      rows.set(key, { ...counter, key });
    }
  return [...rows.values()].sort(
    (a, b) => (b.fraction ?? -1) - (a.fraction ?? -1) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  );
}

/** Most denials first. */
export function mergeDenials(gateways: Iterable<GatewayState>): DenialRow[] {
  const rows = new Map<string, DenialRow>();
  for (const gateway of gateways)
    for (const denial of gateway.denials) {
      const { rule } = denial;
      const key = [rule.file, rule.line, rule.tool, rule.name].join("\n");
      const had = rows.get(key);
      if (!had) rows.set(key, { ...denial, key });
      else
        rows.set(key, {
          ...(denial.lastTime > had.lastTime ? denial : had),
          key,
          count: had.count + denial.count,
        });
    }
  return [...rows.values()].sort((a, b) => b.count - a.count || b.lastTime - a.lastTime);
}

/** The one that runs out first, first. */
export function mergeHolds(gateways: Iterable<GatewayState>): HoldRow[] {
  const rows: HoldRow[] = [];
  for (const { view, endedAt, holds } of gateways) {
    if (endedAt !== null) continue;
    for (const hold of holds) rows.push({ key: `${view.id}/${hold.id}`, gateway: view.id, hold });
  }
  return rows.sort((a, b) => a.hold.deadline - b.hold.deadline || a.hold.since - b.hold.since);
}

export function mergeTotals(gateways: Iterable<GatewayState>): Totals {
  const sum: Totals = { calls: 0, allowed: 0, denied: 0, held: 0, failed: 0, refused: 0 };
  for (const { totals } of gateways) {
    sum.calls += totals.calls;
    sum.allowed += totals.allowed;
    sum.denied += totals.denied;
    sum.held += totals.held;
    sum.failed += totals.failed;
    sum.refused += totals.refused;
  }
  return sum;
}

export function mergeRates(gateways: Iterable<GatewayState>, now: number): number[] {
  const sum = new Array<number>(RATE_SECONDS).fill(0);
  for (const gateway of gateways)
    gateway.rate.read(now).forEach((calls, second) => {
      sum[second] = (sum[second] ?? 0) + calls;
    });
  return sum;
}
