import { Complaint } from "../policy/complaint.ts";
import { formatMicros } from "../policy/counters/decimal.ts";
import type { Policy } from "../policy/plan.ts";
import { decideResult, type ResultDecision } from "../policy/results/decide-result.ts";
import { loadPolicies } from "../policy/source/load.ts";
import { parseAt } from "../policy/time/at.ts";
import type { Call, Decision } from "../policy/types.ts";
import { isObject, type JsonObject } from "../wire/json.ts";
import { JsonError, parseStrict } from "../wire/parse.ts";
import { printProblems } from "./problems.ts";
import { traceLines } from "./trace.ts";
import { Trial } from "./trial.ts";
import { UsageError } from "./usage-error.ts";

/** The options as commander hands them over. */
export interface RawTryOptions {
  config?: string[];
  server: string;
  agent: string;
  session: string;
  at?: string;
  annotations?: string;
  result?: string;
  counter?: string[];
  kind: "tool" | "resource" | "prompt";
  json?: boolean;
}

/** How the outcome is written. */
export interface TryOutput {
  write(text: string): void;
  readonly color: boolean;
}

/**
 * Decides one call and prints the decision with the whole trace, rule by rule, condition by condition.
 *
 * @returns the exit code: 0 however it was decided, 1 where a policy has a mistake
 */
export async function tryCall(
  tool: string,
  args: string,
  raw: RawTryOptions,
  out: TryOutput,
): Promise<number> {
  if (raw.config === undefined) throw new UsageError("no policy is named: give a file or a folder with -c");
  const loaded = loadPolicies(raw.config);
  if (!loaded.ok) return printProblems(loaded.problems, out);
  const call: Call = {
    tool,
    args: readObject(args, "the arguments"),
    upstream: raw.server,
    agent: raw.agent,
    session: raw.session,
    time: raw.at === undefined ? Date.now() : readAt(raw.at),
    annotations: raw.annotations === undefined ? null : readObject(raw.annotations, "--annotations"),
    kind: raw.kind,
  };
  const decision = new Trial(loaded.policy, countersOf(raw.counter ?? [])).decide(call);
  const answered = raw.result === undefined || decision.verdict !== "allow";
  const result = answered
    ? null
    : resultDecision(call, readObject(raw.result ?? "", "--result"), loaded.policy);
  if (raw.json === true) out.write(`${JSON.stringify(plain(decision, result), null, 2)}\n`);
  else out.write(`${traceLines(call, decision, result, out.color).join("\n")}\n`);
  return 0;
}

function resultDecision(call: Call, result: JsonObject, policy: Policy): ResultDecision {
  return decideResult(
    call,
    { result, bytes: Buffer.byteLength(JSON.stringify(result)), outputSchema: null },
    policy,
  );
}

function plain({ increments, ...decision }: Decision, result: ResultDecision | null) {
  const counters = increments.map(({ id, add }) => ({ id, add: formatMicros(add) }));
  return result === null ? { ...decision, counters } : { ...decision, counters, result };
}

function readObject(text: string, what: string): JsonObject {
  try {
    const value = parseStrict(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new UsageError(`${what} cannot be read as JSON: ${error.message}`);
  }
  throw new UsageError(`${what} must be a JSON object, such as '{"amount": 500}'`);
}

function readAt(text: string): number {
  try {
    return parseAt(text, Intl.DateTimeFormat().resolvedOptions().timeZone);
  } catch (error) {
    if (error instanceof Complaint) throw new UsageError(`--at: ${error.message}; ${error.help}`);
    throw error;
  }
}

function countersOf(given: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    given.map((text) => {
      const [, path = "", amount = ""] = /^(state\..+)=(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
      if (path === "") throw new UsageError(`--counter ${text}: write state.<tool>.<counter>=<amount>`);
      return [path, Number(amount)];
    }),
  );
}
