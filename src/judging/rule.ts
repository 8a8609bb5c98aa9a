import { decide, needs, refused } from "../policy/decide.ts";
import type { Policy } from "../policy/plan.ts";
import type { Call, CounterNeed, Decision, Vote } from "../policy/types.ts";
import type { Reservation, Reserving } from "../state/store.ts";
import { StoreError } from "../state/store-error.ts";

/** What a call is judged under, apart from rules and counters. */
export interface Terms {
  /** `ruleKey` of each rule, and each plugin, that asked and that a person has said yes to for this very call. */
  readonly approved: ReadonlySet<string>;
  /** Whether a person approved of these arguments: plugins must not change them any more. */
  readonly final: boolean;
  /** What an earlier round of the call reserved: it is given back in the step that reserves anew. */
  readonly earlier: Reservation | null;
  /** A decision that is made already, whatever the rules say; null where there is none. Asked when all else is known. */
  overrule(): Decision | null;
  /** What is made of what rules and plugins decide, whenever they do. Pure. */
  revise(decision: Decision): Decision;
  /** Has the last word before what the call adds is reserved; the very same decision where it has none. */
  amend(decision: Decision, grounds: Grounds): Decision;
  /** The counters cannot be reached: whether a call that needs them is denied, or goes on uncounted. */
  unreachable(error: StoreError): "deny" | "uncounted";
}

/** Those where nobody is there to say or change anything. */
export const PLAIN_TERMS: Terms = {
  approved: new Set(),
  final: false,
  earlier: null,
  overrule: () => null,
  revise: (decision) => decision,
  amend: (decision) => decision,
  unreachable: () => "deny",
};

/** What a decision was made on. */
export interface Grounds {
  readonly call: Call;
  readonly policy: Policy;
  /** Micros by counter id, before the call. */
  readonly before: ReadonlyMap<string, bigint>;
  readonly approved: ReadonlySet<string>;
  readonly votes: readonly Vote[];
}

export type Said = Pick<Decision, "verdict" | "rule" | "message">;

/** A call judged, and what it adds to its counters reserved. */
export interface Ruling {
  /** The call as it would go on: with the arguments that plugins made of its own. */
  readonly call: Call;
  /** Whether plugins changed its arguments. */
  readonly edited: boolean;
  readonly decision: Decision;
  /** What rules and plugins said, whatever was made of it; null where they were not asked. */
  readonly said: Said | null;
  /** Decides again, alike. */
  again(): Decision;
  readonly reservation: Reservation | null;
  /** Micros by counter id, before the call. */
  readonly before: ReadonlyMap<string, bigint>;
  /** Whether the counters could not be reached and the call goes on all the same. */
  readonly uncounted: boolean;
  /** The plugins that were asked: name, and hash of all its files. */
  readonly plugins: readonly { readonly name: string; readonly hash: string }[];
}

/** A call on its way to a ruling: as it came, or with what plugins say of it and made of it. */
export interface Brief extends Pick<Ruling, "call" | "edited" | "plugins"> {
  readonly votes: readonly Vote[];
  /** Counters that plugins looked at. */
  readonly looked: readonly CounterNeed[];
  /** Whether the ruling is to count where these are the counters (micros, by id). */
  counts(before: ReadonlyMap<string, bigint>): boolean;
}

/** Decides and reserves, with nothing in between. A store that fails denies, unless the terms say otherwise. */
export function rule(
  { votes, looked, counts, ...brief }: Brief,
  policy: Policy,
  store: Reserving,
  { approved, earlier, overrule, revise, amend, unreachable }: Terms,
): Ruling {
  const { call } = brief;
  const decideOn = (before: ReadonlyMap<string, bigint>) => {
    const byRules = () => decide(call, policy, before, approved, votes);
    const said = byRules();
    const own = revise(said);
    const decision = amend(own, { call, policy, before, approved, votes });
    // Who amends now may say something else when the call is looked at.
    return { said, decision, before, again: decision === own ? () => revise(byRules()) : () => decision };
  };
  const fixed = (decision: Decision): Ruling => ({
    ...brief,
    decision,
    said: null,
    again: () => decision,
    before: NO_COUNTERS,
    reservation: null,
    uncounted: false,
  });
  const wanted = looked.length === 0 ? needs(call, policy) : [...needs(call, policy), ...looked];
  try {
    if (earlier !== null) store.refund(earlier);
    const overruled = overrule();
    if (overruled !== null) return fixed(overruled);
    const { judged, reservation } = store.reserve(wanted, call.time, (before) => {
      const decided = decideOn(before);
      return { ...decided, increments: counts(before) ? decided.decision.increments : [] };
    });
    const { said, decision, before, again } = judged;
    return { ...brief, said, decision, before, again, reservation, uncounted: false };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (unreachable(error) === "deny") return fixed(unavailable("counters unavailable", error.message));
    const { said, decision, again } = decideOn(new Map(wanted.map(({ id }) => [id, 0n])));
    const unmade = (one: Decision): Decision => ({ ...one, increments: [] });
    return {
      ...brief,
      said,
      decision: unmade(decision),
      again: () => unmade(again()),
      before: NO_COUNTERS,
      reservation: null,
      uncounted: true,
    };
  }
}

const NO_COUNTERS: ReadonlyMap<string, bigint> = new Map();

/** A denial that no rule of the policy names: the gate itself cannot do what an allowed call needs. */
export function unavailable(name: string, why: string): Decision {
  const rule = { name, tool: "*", file: "callgate", line: 0 };
  return refused({ rule, message: `The call is refused. ${why}` });
}
