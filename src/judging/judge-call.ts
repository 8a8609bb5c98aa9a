import type { Call } from "../policy/types.ts";
import type { Reserving } from "../state/store.ts";
import { type Brief, type Ruling, rule, type Terms } from "./rule.ts";
import { type Ruleset, seatsFor } from "./ruleset.ts";

/**
 * Judges a call: decides, and reserves what it adds to its counters, in one step. The rules come first, and their
 * denial is final; then plugins are asked, and rules judge again what plugins made of the call. At once where no
 * plugin is asked.
 */
export function judgeCall(
  call: Call,
  ruleset: Ruleset,
  store: Reserving,
  terms: Terms,
): Ruling | Promise<Ruling> {
  const { policy } = ruleset;
  const brief: Brief = { call, edited: false, plugins: [], votes: [], looked: [], counts: () => true };
  const seats = policy.plan(call).refusal === null ? seatsFor("onCall", ruleset, call) : [];
  if (seats.length === 0) return rule(brief, policy, store, terms);
  // Counters that hold what an earlier round reserved say nothing yet: its rules have judged that round.
  if (terms.earlier === null) {
    const first = rule({ ...brief, counts: () => false }, policy, store, terms);
    if (first.decision.verdict === "deny") return first;
  }
  return import("./consult.ts").then(({ judgeWith }) => judgeWith(seats, call, policy, store, terms));
}
