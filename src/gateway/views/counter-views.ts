import type { CounterView } from "../../control/protocol.ts";
import { formatMicros } from "../../policy/counters/decimal.ts";
import { windowText } from "../../policy/counters/window.ts";
import type { CounterLimit } from "../../policy/types.ts";
import type { CounterValue } from "../../state/store.ts";
import type { Gateway } from "../gateway.ts";

/** Most counters shown. */
const MAX_COUNTERS = 200;

/** The counters of a gateway's upstreams, and the budgets its policy limits. */
export function counterViews(gateway: Gateway): CounterView[] {
  const { store, policies, upstreams } = gateway;
  const limits = new Map<string, CounterLimit>();
  for (const limit of policies.current.policy.limits) {
    const key = limitKey(limit);
    const known = limits.get(key);
    if (known === undefined || limit.limit < known.limit) limits.set(key, limit);
  }
  let values: CounterValue[] = [];
  gateway.attempt(() => {
    values = store.list(gateway.clock(), MAX_COUNTERS);
  });
  const own = new Set(upstreams.map((u) => u.name));
  // Budgets are of no upstream: those are shown that this policy limits.
  const isOurs = (value: CounterValue) =>
    value.upstream === "" ? limits.has(limitKey(value)) : own.has(value.upstream);
  return values.filter(isOurs).map((value) => {
    const limit = limits.get(limitKey(value))?.limit ?? null;
    return {
      upstream: value.upstream,
      scope: value.scope,
      counter: value.counter,
      window: windowText(value.window),
      partition: value.partition,
      used: formatMicros(value.used),
      limit: limit === null ? null : formatMicros(limit),
      fraction: limit === null ? null : limit > 0n ? Number(value.used) / Number(limit) : 1,
      resetsAt: value.resetsAt,
    };
  });
}

function limitKey({ scope, counter, window }: Pick<CounterLimit, "scope" | "counter" | "window">): string {
  return JSON.stringify([scope, counter, windowText(window)]);
}
