import type { Seat } from "../plugins/seats.ts";
import type { Policy } from "../policy/plan.ts";
import type { Call } from "../policy/types.ts";

/** Everything that judges: the policy and the plugins that it names, built together and swapped together. */
export interface Ruleset {
  readonly policy: Policy;
  readonly seats: readonly Seat[];
}

/** The plugins that are asked about a call, or about its result: they know tools only. */
export function seatsFor(hook: "onCall" | "onResult", { seats }: Ruleset, call: Call): readonly Seat[] {
  if (seats.length === 0) return seats;
  if (call.kind !== undefined && call.kind !== "tool") return [];
  return seats.filter(
    ({ plugin, use }) => plugin.has(hook) && use.governs(call.upstream) && plugin.appliesTo(call.tool),
  );
}
