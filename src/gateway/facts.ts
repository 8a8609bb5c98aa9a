import type { Ruling } from "../judging/rule.ts";
import type { Call, Decision, Verdict } from "../policy/types.ts";

/** What deciding a call anew needs, and what came of deciding it. */
export interface Facts {
  /** As it came. */
  readonly call: Call;
  /** Micros by counter id, before the call. */
  readonly before: ReadonlyMap<string, bigint>;
  /** `ruleKey` of each rule that a person has said yes to. */
  readonly approved: ReadonlySet<string>;
  /** What rules and plugins said, enforced or not; null where they were not asked. */
  readonly verdict: Verdict | null;
  /** The rule that said so. */
  readonly rule: Decision["rule"];
  readonly message: string;
}

/** @param shadow whether nothing that the policy says was enforced */
export function factsOf(
  call: Call,
  { decision, before }: Pick<Ruling, "decision" | "before">,
  approved: ReadonlySet<string>,
  shadow: boolean,
): Facts {
  return { call, before, approved, ...said(decision, shadow) };
}

/** What the policy said, apart from what an operator made of it. */
function said(
  { verdict, rule, message, would }: Decision,
  shadow: boolean,
): Pick<Facts, "verdict" | "rule" | "message"> {
  const outside = rule !== null && rule.line === 0 && (rule.file === "operator" || rule.file === "callgate");
  if (outside && verdict === "deny") return { verdict: null, rule, message };
  if (would !== null && (shadow || outside)) return would;
  return outside ? { verdict: "allow", rule: null, message: "" } : { verdict, rule, message };
}
