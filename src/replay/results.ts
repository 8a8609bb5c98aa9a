import type { AuditRecord } from "../audit/record.ts";
import { type Ruleset, seatsFor } from "../judging/ruleset.ts";
import type { ResultRule } from "../policy/compile/result-rules.ts";
import type { Policy } from "../policy/plan.ts";
import { decideResult, type ResultDecision } from "../policy/results/decide-result.ts";
import type { Call, RuleRef } from "../policy/types.ts";
import type { CallRecord } from "./recorded.ts";
import { type Watched, watchHashed } from "./unknown.ts";

export type ResultRecord = Extract<AuditRecord, { kind: "result" }>;

/** What is made of an answer. */
export interface ResultSaid {
  readonly verdict: ResultDecision["verdict"];
  readonly rule: RuleRef | null;
  readonly message: string;
}

/** An answer of which only the size was recorded, and the call that it answers. */
export interface Unseen {
  readonly record: CallRecord;
  readonly result: ResultRecord;
  /** The call as recorded: each time anew, since what looks at it is noticed. */
  read(): { readonly call: Call; readonly watched: Watched };
}

/** What was made of an answer then: what was enforced, or with `--shadow` what would have been. */
export function saidThen({ record, result: { handed } }: Unseen): ResultSaid {
  if (handed === null || (handed.shadow && !record.shadow)) return PLAIN;
  const { verdict, rule: name, message } = handed;
  return { verdict, rule: { name, tool: "", file: "", line: 0 }, message };
}

const PLAIN: ResultSaid = { verdict: "allow", rule: null, message: "" };

/**
 * What would be made of an answer now: told by the rules that do not look into it, but at the call, or at its size.
 * Null where that cannot be known, because another rule or a plugin would have to look into it.
 */
export function saidNow(unseen: Unseen, ruleset: Ruleset): ResultSaid | null {
  const { record, result } = unseen;
  const { call } = unseen.read();
  if (record.edited !== null || seatsFor("onResult", ruleset, call).length > 0) return null;
  // Whether it is what a resource holds, and what is in an error, was not recorded.
  if (record.target !== "tool" || result.outcome === "error" || result.bytes === null) return null;
  let unknown = false;
  for (const rule of ruleset.policy.resultPlan(call).rules) {
    if (rule.shadow && !record.shadow) continue;
    const said = byOne(rule, unseen, result.bytes, ruleset.policy);
    if (said === null) unknown = true;
    else if (said.verdict === "deny") return said;
  }
  return unknown ? null : PLAIN;
}

function byOne(rule: ResultRule, { read }: Unseen, bytes: number, policy: Policy): ResultSaid | null {
  const { call, watched } = read();
  const answer = watchHashed();
  const plan = { ...policy.resultPlan(call), rules: [{ ...rule, shadow: false }] };
  const decision = decideResult(
    call,
    { result: answer.args, bytes, outputSchema: null },
    { ...policy, resultPlan: () => plan },
  );
  return watched.looked() || answer.looked() ? null : decision;
}
