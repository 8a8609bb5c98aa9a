import { decideResult, judgesResults } from "../policy/results/decide-result.ts";
import type { Call } from "../policy/types.ts";
import { denialResult } from "../wire/answer.ts";
import { inputRequired } from "../wire/call.ts";
import { isObject } from "../wire/json.ts";
import { parseLossless } from "../wire/lossless.ts";
import type { Response } from "../wire/message.ts";
import type { Gate } from "./gate.ts";

/** What a policy's `results:` made of an answer, for the record. */
export interface HandedResult {
  readonly verdict: "deny" | "redact";
  /** Name of the rule. */
  readonly rule: string;
  readonly message: string;
  /** Whether it is only what would have been: shadow mode. */
  readonly shadow: boolean;
}

/**
 * Judges a tool's result by the policy in force.
 *
 * @param text of the answer
 * @returns the frame to hand on instead, null for the one that came; and what was decided, null for nothing
 */
export function judgeResult(
  call: Call,
  response: Response,
  text: string,
  gate: Gate,
): { frame: string | null; judged: HandedResult | null } {
  const policy = gate.policy();
  const asItCame = { frame: null, judged: null };
  if (!isObject(response.result) || inputRequired(response.result) !== null) return asItCame;
  if (!judgesResults(call, policy)) return asItCame;
  const message = parseLossless(text);
  if (!isObject(message) || !isObject(message.result)) return asItCame;
  const outputSchema = gate.catalog(call.upstream).outputSchema(call.tool);
  const answer = { result: message.result, bytes: Buffer.byteLength(text), outputSchema };
  const decision = decideResult(call, answer, policy);
  const { verdict, rule, would } = decision;
  if (verdict === "allow" || rule === null || gate.shadow) {
    const shadow = would ?? (verdict !== "allow" && rule !== null ? { ...decision, verdict, rule } : null);
    if (shadow === null) return asItCame;
    return {
      frame: null,
      judged: { verdict: shadow.verdict, rule: shadow.rule.name, message: shadow.message, shadow: true },
    };
  }
  message.result =
    verdict === "deny" ? denialResult(decision.message, message.result.resultType) : decision.result;
  const judged = { verdict, rule: rule.name, message: decision.message, shadow: false };
  return { frame: JSON.stringify(message), judged };
}
