import type { Named } from "../plan.ts";

/** Plans kept of one upstream. A server has fewer tools; only an agent that invents names reaches it. */
const KEPT = 2_000;

interface Kept<T> {
  readonly annotations: Named["annotations"];
  readonly plan: T;
}

/** The plans made last: by upstream, by name, and good as long as the server says the same of the tool. */
export class PlanCache<T> {
  readonly #byUpstream = new Map<string, Map<string, Kept<T>>>();
  readonly #make: (named: Named) => T;

  constructor(make: (named: Named) => T) {
    this.#make = make;
  }

  get(named: Named): T {
    const { tool, upstream, annotations } = named;
    let plans = this.#byUpstream.get(upstream);
    if (plans === undefined) {
      plans = new Map();
      this.#byUpstream.set(upstream, plans);
    }
    const known = plans.get(tool);
    if (known !== undefined && known.annotations === annotations) return known.plan;
    if (plans.size >= KEPT) plans.clear();
    const plan = this.#make(named);
    plans.set(tool, { annotations, plan });
    return plan;
  }
}
