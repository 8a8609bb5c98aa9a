/** The part of judging a result, or a list of tools, that asks plugins; loaded with the first of them. */
import { failureText } from "../plugins/failure.ts";
import type { ResultOpinion } from "../plugins/plugin.ts";
import type { Seat } from "../plugins/seats.ts";
import { evidenceRows } from "../policy/judge.ts";
import type { ResultDecision } from "../policy/results/decide-result.ts";
import type { Call, RuleTrace } from "../policy/types.ts";
import type { JsonObject } from "../wire/json.ts";
import type { ResultRuling } from "./judge-result.ts";

/** Asks plugins about a result, each about what those before it left; those that only watch come last. */
export async function review(
  seats: readonly Seat[],
  call: Call,
  decision: ResultDecision,
): Promise<ResultRuling> {
  let now = decision;
  const plugins: { name: string; hash: string }[] = [];
  const inOrder = [...seats.filter(({ use }) => !use.shadow), ...seats.filter(({ use }) => use.shadow)];
  for (const { plugin, use } of inOrder) {
    if (now.verdict === "deny") break;
    const opinion = await plugin.onResult(call, now.result);
    const { name, hash } = plugin;
    plugins.push({ name, hash });
    now = after(now, opinion, name, use.shadow);
  }
  return { ...now, plugins };
}

function after(
  now: ResultDecision,
  { verdict, message, result, evidence, place, failure }: ResultOpinion,
  name: string,
  shadow: boolean,
): ResultDecision {
  const rule = { name, tool: "plugins", file: place.file, line: place.line };
  const row: RuleTrace = {
    rule,
    outcome: verdict === "block" ? (failure === null ? "deny" : "error") : "pass",
    conditions: evidenceRows(evidence, verdict !== "block"),
    ...noteOf(verdict, failure === null ? null : failureText(failure)),
    ...(shadow ? { shadow } : {}),
  };
  const trace = [...now.trace, row];
  if (verdict === "pass") return { ...now, trace };
  const said = { verdict: verdict === "block" ? ("deny" as const) : verdict, rule, message };
  if (shadow) return { ...now, trace, would: now.would ?? said };
  return { ...now, ...said, trace, result: result ?? now.result };
}

function noteOf(verdict: ResultOpinion["verdict"], failure: string | null): { note?: string } {
  if (failure !== null) return { note: failure };
  return verdict === "replace" ? { note: "put another result in its place" } : {};
}

/**
 * What agents see of a list of tools. Hiding is no protection: calls are judged. So a plugin that fails leaves the
 * list as it is, which `onFailure` is told.
 *
 * @param now ms since the epoch
 */
export async function reviewTools(
  seats: readonly Seat[],
  tools: readonly JsonObject[],
  now: number,
  onFailure: (text: string) => void,
): Promise<readonly JsonObject[]> {
  let shown = tools;
  for (const { plugin } of seats) {
    const { tools: left, failure } = await plugin.onTools(shown, now);
    if (failure !== null) onFailure(`plugin ${plugin.name}: the list of tools: ${failureText(failure)}`);
    shown = left;
  }
  return shown;
}
