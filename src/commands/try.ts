import { judgeResult } from "../judging/judge-result.ts";
import type { Ruling } from "../judging/rule.ts";
import type { Ruleset } from "../judging/ruleset.ts";
import { Complaint } from "../policy/complaint.ts";
import { formatMicros } from "../policy/counters/decimal.ts";
import { needs } from "../policy/decide.ts";
import type { ResultDecision } from "../policy/results/decide-result.ts";
import { parseAt } from "../policy/time/at.ts";
import type { Call } from "../policy/types.ts";
import { sanitize } from "../sanitize.ts";
import { isObject, type JsonObject } from "../wire/json.ts";
import { JsonError, parseStrict } from "../wire/parse.ts";
import { serverFor } from "./policy-tests.ts";
import { traceLines } from "./trace.ts";
import { Trial } from "./trial.ts";
import { UsageError } from "./usage-error.ts";
import { withRuleset } from "./with-ruleset.ts";

/** The options as commander hands them over. */
export interface RawTryOptions {
  config?: string[];
  plugin?: string[];
  server?: string;
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
  const made: Omit<Call, "upstream"> = {
    tool,
    args: readObject(args, "the arguments"),
    agent: raw.agent,
    session: raw.session,
    time: raw.at === undefined ? Date.now() : readAt(raw.at),
    annotations: raw.annotations === undefined ? null : readObject(raw.annotations, "--annotations"),
    kind: raw.kind,
  };
  const counters = countersOf(raw.counter ?? []);
  const answer = raw.result === undefined ? null : readObject(raw.result, "--result");
  return withRuleset(
    { policies: raw.config, plugins: raw.plugin ?? [] },
    out,
    async ({ ruleset, sources }) => {
      const [first] = sources;
      const call = { ...made, upstream: raw.server ?? (first === undefined ? "server" : serverFor(first)) };
      const ruling = await new Trial(ruleset, counters).judge(call);
      const result =
        answer === null || ruling.decision.verdict !== "allow"
          ? null
          : await judgeResult(ruling.call, answerOf(answer), ruleset);
      if (raw.json === true) out.write(`${JSON.stringify(plain(ruling, result), null, 2)}\n`);
      else
        out.write(
          `${[...traceLines(ruling, result, out.color), ...notesOn(call, ruleset, counters)].join("\n")}\n`,
        );
      return 0;
    },
  );
}

/** What is easily overlooked: that nothing here is for the server, or for a counter that was given. */
function notesOn(
  call: Call,
  { policy, seats }: Ruleset,
  counters: Readonly<Record<string, number>>,
): string[] {
  const { upstream } = call;
  const governed = policy.governs(upstream) || seats.some(({ use }) => use.governs(upstream));
  const read = new Set(needs(call, policy).map(({ scope, counter }) => `state.${scope}.${counter}`));
  const notes = [
    ...(governed ? [] : [`no file is for a server called ${JSON.stringify(upstream)}`]),
    ...Object.keys(counters).flatMap((path) =>
      read.has(path) ? [] : [`no rule for this call reads ${path}`],
    ),
  ];
  return notes.map((note) => sanitize(`  ${note}`));
}

const answerOf = (result: JsonObject) => ({
  result,
  bytes: Buffer.byteLength(JSON.stringify(result)),
  outputSchema: null,
});

function plain({ decision, call, edited, plugins }: Ruling, result: ResultDecision | null) {
  const { increments, ...decided } = decision;
  const counters = increments.map(({ id, add }) => ({ id, add: formatMicros(add) }));
  return {
    ...decided,
    ...(edited ? { arguments: call.args } : {}),
    counters,
    plugins,
    ...(result === null ? {} : { result }),
  };
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
