import { BUDGET_SCOPE, type Counter, type CounterPool, RATE_COUNTER, scopeOf } from "../counters/counters.ts";
import { parseWindow } from "../counters/window.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import type { Declared } from "./compile-rule.ts";

/** The counters that a file's rules and budgets declare, taken from those of the whole policy. */
export function declaredCounters(data: PolicyFile, pool: CounterPool, shadow: boolean): Declared {
  const own = new Map<string, Counter>();
  const pathOf = (scope: string, name: string) => JSON.stringify([scope, name]);
  const declare = (
    scope: string,
    name: string,
    {
      window,
      per = [],
      on_error,
    }: { window: string; per?: string[] | undefined; on_error: "refund" | "keep" },
  ) => {
    const spec = {
      scope,
      name,
      window: parseWindow(window, data.timezone),
      per,
      shared: scope === BUDGET_SCOPE,
      refundOnError: on_error === "refund",
    };
    own.set(pathOf(scope, name), pool.get(spec, shadow));
  };
  for (const [key, { rules }] of Object.entries(data.tools)) {
    for (const { state } of rules) if (state !== undefined) declare(scopeOf(key), state.counter, state);
  }
  for (const [name, budget] of Object.entries(data.budgets)) declare(BUDGET_SCOPE, name, budget);
  return {
    find: (scope, name) => own.get(pathOf(scope, name)) ?? null,
    rate: (scope, window, per) =>
      pool.get({ scope, name: RATE_COUNTER, window, per, shared: false, refundOnError: false }, shadow),
  };
}
