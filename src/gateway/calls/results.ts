import { judgeResult, judgesResults, type ResultRuling } from "../../judging/judge-result.ts";
import { soon } from "../../judging/soon.ts";
import { cleanError, type ResultDecision } from "../../policy/results/decide-result.ts";
import type { Call } from "../../policy/types.ts";
import { denialResult, deniedRequest } from "../../wire/answer.ts";
import { inputRequired, taskIn } from "../../wire/call.ts";
import { isObject, type JsonObject } from "../../wire/json.ts";
import { parseLossless } from "../../wire/lossless.ts";
import type { RequestId, Response } from "../../wire/message.ts";
import type { Gate } from "../gate.ts";

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
  /** The plugins that were asked. */
  readonly plugins: ResultRuling["plugins"];
}

const AS_IT_CAME: Handing = { frame: null, judged: null, plugins: [] };

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
  if (inputRequired(response.result) !== null || !judgesResults(call, ruleset)) return AS_IT_CAME;
  if (taskIn(response.result) !== null) return AS_IT_CAME;
  const message = parseLossless(text);
  if (!isObject(message)) return AS_IT_CAME;
  if (isObject(message.error)) return handError(call, message, message.error, gate);
  if (!isObject(message.result) || !holdsSomething(call, message.result)) return AS_IT_CAME;
  const { result } = message;
  const outputSchema = gate.catalog(call.upstream).outputSchema(call.tool);
  const answer = { result, bytes: Buffer.byteLength(text), outputSchema };
  return soon(judgeResult(call, answer, ruleset), (ruling) => ({
    ...handing({ call, message, id: response.id ?? 0 }, ruling, gate.shadow),
    plugins: ruling.plugins,
  }));
}

/** Whether the answer is one that something was read by: one to a subscription is not. */
function holdsSomething({ kind }: Call, result: JsonObject): boolean {
  if (kind === "resource") return "contents" in result;
  return kind === "prompt" ? "messages" in result : true;
}

/** An error can have secrets in it as well. */
function handError(call: Call, message: JsonObject, error: JsonObject, gate: Gate): Handing {
  const clean = cleanError(call, error, gate.ruleset().policy);
  if (clean === null) return AS_IT_CAME;
  const shadow = clean.shadow || gate.shadow;
  const judged = { verdict: "redact", rule: clean.rule.name, message: "", shadow } as const;
  return { ...AS_IT_CAME, frame: shadow ? null : JSON.stringify({ ...message, error: clean.error }), judged };
}

interface Answered {
  readonly call: Call;
  readonly message: JsonObject;
  readonly id: RequestId;
}

function handing(
  { call: { kind }, message, id }: Answered,
  decision: ResultDecision,
  unblocked: boolean,
): Pick<Handing, "frame" | "judged"> {
  const { verdict, rule, would } = decision;
  if (verdict === "allow" || rule === null || unblocked) {
    // Of files that are enforced and files that watch, the stronger: with --shadow both only watch.
    const enforced = verdict !== "allow" && rule !== null ? { ...decision, verdict, rule } : null;
    const stronger = would?.verdict === "deny" && enforced?.verdict !== "deny";
    const shadow = stronger ? would : (enforced ?? would);
    if (shadow === null) return AS_IT_CAME;
    return {
      frame: null,
      judged: { verdict: shadow.verdict, rule: shadow.rule.name, message: shadow.message, shadow: true },
    };
  }
  const judged = { verdict, rule: rule.name, message: decision.message, shadow: false };
  const answered = (result: JsonObject) => ({ frame: JSON.stringify({ ...message, result }), judged });
  const resultType = isObject(message.result) ? message.result.resultType : undefined;
  // Agents of the modern era take no result without it, and what it is nobody but the server knows.
  if (verdict !== "deny")
    return answered(resultType === undefined ? decision.result : { ...decision.result, resultType });
  if (kind === undefined || kind === "tool") return answered(denialResult(decision.message, resultType));
  return { frame: deniedRequest(id, decision.message), judged };
}
