import { judgeResult } from "../judging/judge-result.ts";
import type { Ruleset } from "../judging/ruleset.ts";
import { ruleKey } from "../policy/judge.ts";
import type { StepText, TestText } from "../policy/schema/tests.ts";
import type { SourceFile } from "../policy/source/parse.ts";
import { parseAt } from "../policy/time/at.ts";
import { parseDuration } from "../policy/time/duration.ts";
import type { Call, RuleRef } from "../policy/types.ts";
import { isObject, type Json, type JsonObject } from "../wire/json.ts";
import { Trial } from "./trial.ts";

/** A test whose outcome was not what its file says. */
export interface Failure {
  /** 1-based. */
  readonly line: number;
  readonly col: number;
  readonly test: string;
  /** The call that went another way, as the command line shows it. */
  readonly call: string;
  /** Which one it was, of how many; null where there is but one. */
  readonly step: { readonly number: number; readonly of: number } | null;
  readonly differences: readonly { readonly what: string; readonly expected: string; readonly got: string }[];
}

/** A Monday noon: when tests play that do not say it. */
const NOON = "2026-01-05T12:00";

/**
 * Runs the tests of one file, each with counters of its own.
 *
 * @param ruleset the file and those that it includes, all enforced, with their plugins
 */
export async function runTests(source: SourceFile, ruleset: Ruleset): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const [i, test] of source.data.tests.entries()) {
    const failure = await failureOf(test, i, source, ruleset);
    if (failure !== null) failures.push(failure);
  }
  return failures;
}

async function failureOf(
  test: TestText,
  index: number,
  source: SourceFile,
  ruleset: Ruleset,
): Promise<Failure | null> {
  const steps = "calls" in test ? test.calls : [test];
  const trial = new Trial(ruleset, test.state);
  const { timezone } = source.data;
  let time = parseAt(NOON, timezone);
  let number = 0;
  const of = steps.reduce((sum, { times }) => sum + times, 0);
  for (const [i, step] of steps.entries()) {
    if (step.at !== undefined) time = parseAt(step.at, timezone);
    if (step.after !== undefined) time += parseDuration(step.after);
    const call = callOf(step, source, time);
    for (let n = 0; n < step.times; n++) {
      number++;
      const differences = differencesOf(step, await outcomeOf(step, call, trial, ruleset));
      if (differences.length === 0) continue;
      const at = source.place("calls" in test ? ["tests", index, "calls", i] : ["tests", index]);
      const shown = `${call.tool} ${JSON.stringify(call.args)}`;
      const title = test.name ?? shown;
      return { ...at, test: title, call: shown, step: of === 1 ? null : { number, of }, differences };
    }
  }
  return null;
}

function callOf(step: StepText, source: SourceFile, time: number): Call {
  const { call, read, prompt, annotations } = step;
  return {
    tool: call ?? read ?? prompt ?? "",
    kind: call !== undefined ? "tool" : read !== undefined ? "resource" : "prompt",
    args: json(step.args),
    upstream: step.server ?? serverFor(source),
    agent: step.agent ?? "agent",
    session: step.session ?? "session",
    time,
    annotations: annotations === undefined ? null : json(annotations),
  };
}

/** The name of a server that a file is for. */
export const serverFor = ({ data: { servers } }: SourceFile): string =>
  servers?.[0]?.replaceAll("*", "").replaceAll("?", "x") ?? "server";

interface Outcome {
  readonly verdict: string;
  readonly rule: RuleRef | null;
  readonly message: string;
  /** The arguments that the server gets; null where it gets none. */
  readonly sent: JsonObject | null;
  /** What the agent gets of a result; null where there is none. */
  readonly result: JsonObject | null;
}

async function outcomeOf(step: StepText, call: Call, trial: Trial, ruleset: Ruleset): Promise<Outcome> {
  let ruling = await trial.judge(call);
  const { ask } = ruling.decision;
  if (ask !== null && step.approved) {
    const approved = new Set(ask.rules.map(ruleKey));
    ruling = await trial.judge(ruling.call, { approved, final: true });
  }
  const { decision } = ruling;
  const sent = decision.verdict === "allow" ? ruling.call.args : null;
  if (decision.verdict !== "allow" || step.result === undefined) return { ...decision, sent, result: null };
  const result = resultOf(step.result);
  const bytes = Buffer.byteLength(JSON.stringify(result));
  return { ...(await judgeResult(ruling.call, { result, bytes, outputSchema: null }, ruleset)), sent };
}

function differencesOf(step: StepText, got: Outcome): Failure["differences"][number][] {
  const by =
    got.rule === null ? "" : ` by ${JSON.stringify(got.rule.name)} (${got.rule.file}:${got.rule.line})`;
  const all: (Failure["differences"][number] | null)[] = [
    differs("verdict", step.expect, got.verdict, `${got.verdict}${by}`),
    step.rule === undefined
      ? null
      : differs(
          "rule",
          JSON.stringify(step.rule),
          got.rule === null ? "none" : JSON.stringify(got.rule.name),
        ),
    step.message === undefined || got.message.includes(step.message)
      ? null
      : {
          what: "message",
          expected: `...${JSON.stringify(step.message)}...`,
          got: JSON.stringify(got.message),
        },
    step.sends === undefined
      ? null
      : differs(
          "arguments",
          JSON.stringify(step.sends),
          got.sent === null ? "none" : JSON.stringify(got.sent),
        ),
    step.becomes === undefined
      ? null
      : differs(
          "result",
          JSON.stringify(resultOf(step.becomes)),
          got.result === null ? "none" : JSON.stringify(got.result),
        ),
  ];
  return all.flatMap((each) => each ?? []);
}

const differs = (what: string, expected: string, got: string, shown = got) =>
  expected === got ? null : { what, expected, got: shown };

/** A result as the file has it: text, or the whole of it. */
function resultOf(given: unknown): JsonObject {
  const value = given as Json;
  return isObject(value) ? value : { content: [{ type: "text", text: String(given) }] };
}

/** YAML of a policy file gives what JSON has. */
const json = (value: unknown) => value as JsonObject;
