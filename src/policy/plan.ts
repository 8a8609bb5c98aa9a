import type { Condition } from "./conditions.ts";
import type { Amount, Counter, CounterUse } from "./counters.ts";
import type { CounterLimit, RuleRef } from "./types.ts";

/** A condition in its rule. */
export interface PlannedCondition {
  readonly condition: Condition;
  /** What a `state.*` path reads; null for the others. */
  readonly counter: Counter | null;
  /** What a failure means in words; null where the condition's own text says it. */
  readonly failure: string | null;
}

/** A rule ready to judge calls. */
export interface Rule {
  readonly ref: RuleRef;
  /** `evaluate`: denies unless every condition holds. `deny`: denies when every condition holds. */
  readonly action: "evaluate" | "deny";
  readonly conditions: readonly PlannedCondition[];
  readonly increments: readonly { readonly counter: Counter; readonly amount: Amount }[];
  /** What the agent is told; null where the rule does not say. */
  readonly onDeny: string | null;
}

/** A denial that holds whatever the arguments are. */
export interface Refusal {
  readonly rule: RuleRef;
  readonly message: string;
}

/** All that a policy says of one tool. */
export interface Plan {
  readonly refusal: Refusal | null;
  readonly rules: readonly Rule[];
  /** Each counter that the rules read or add to, once. */
  readonly counters: readonly CounterUse[];
}

/** The files in force, compiled. Never changes. */
export interface Policy {
  /** SHA-256 of the files' contents, hex: of the one file's bytes, or of the list of such hashes. */
  readonly hash: string;
  readonly files: readonly string[];
  /** How many rules there are in all files. */
  readonly rules: number;
  readonly limits: readonly CounterLimit[];
  plan(tool: string, upstream: string): Plan;
  /** Whether `hide` names the tool: it is left out of lists and its calls are denied. */
  hidden(tool: string, upstream: string): boolean;
}
