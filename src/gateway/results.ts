import { judgeResult, judgesResults } from "../judging/judge-result.ts";
import type { ResultDecision } from "../policy/results/decide-result.ts";
import type { Call } from "../policy/types.ts";
import { denialResult } from "../wire/answer.ts";
import { inputRequired } from "../wire/call.ts";
import { isObject, type Json, type JsonObject } from "../wire/json.ts";
import { parseLossless } from "../wire/lossless.ts";
import type { Response } from "../wire/message.ts";
import type { Gate } from "./gate.ts";

/** What `results:` and plugins made of an answer, for the record. */
export interface HandedResult {
  readonly verdict: "deny" | "redact" | "replace";
  /** Name of the rule. */
  readonly rule: string;
  readonly message: string;
  /** Whether it is only what would have been: shadow mode. */
  readonly shadow: boolean;
}

/** What the agent is handed in place of an answer; `frame` is null where it is handed the one that came. */
export interface Handing {
  readonly frame: string | null;
  readonly judged: HandedResult | null;
}

const AS_IT_CAME: Handing = { frame: null, judged: null };

/**
 * Judges a tool's result by the rules and plugins in force; at once where no plugin is asked.
 *
 * @param text of the answer
 */
export function handResult(
  call: Call,
  response: Response,
  text: string,
  gate: Gate,
): Handing | Promise<Handing> {
  const ruleset = gate.ruleset();
  if (!isObject(response.result) || inputRequired(response.result) !== null) return AS_IT_CAME;
  if (!judgesResults(call, ruleset)) return AS_IT_CAME;
  const message = parseLossless(text);
  if (!isObject(message) || !isObject(message.result)) return AS_IT_CAME;
  const { result } = message;
  const outputSchema = gate.catalog(call.upstream).outputSchema(call.tool);
  const answer = { result, bytes: Buffer.byteLength(text), outputSchema };
  const hand = (decision: ResultDecision) => handing(decision, message, result.resultType, gate.shadow);
  const decision = judgeResult(call, answer, ruleset);
  return decision instanceof Promise ? decision.then(hand) : hand(decision);
}

function handing(
  decision: ResultDecision,
  message: JsonObject,
  resultType: Json | undefined,
  unblocked: boolean,
): Handing {
  const { verdict, rule, would } = decision;
  if (verdict === "allow" || rule === null || unblocked) {
    const shadow = would ?? (verdict !== "allow" && rule !== null ? { ...decision, verdict, rule } : null);
    if (shadow === null) return AS_IT_CAME;
    return {
      frame: null,
      judged: { verdict: shadow.verdict, rule: shadow.rule.name, message: shadow.message, shadow: true },
    };
  }
  const result = verdict === "deny" ? denialResult(decision.message, resultType) : decision.result;
  const judged = { verdict, rule: rule.name, message: decision.message, shadow: false };
  return { frame: JSON.stringify({ ...message, result }), judged };
}
