import { z } from "zod";
import { parsePath } from "../conditions/paths.ts";
import { parseAt } from "../time/at.ts";
import { parseDuration } from "../time/duration.ts";
import { attempt, complain, complainOf, name, type Refinement, some, text } from "./text.ts";

const MOST_TIMES = 10_000;

const values = z.record(z.string(), z.unknown());

const step = {
  call: name("the tool's name").optional().describe("the tool that is called"),
  read: name("the URI").optional().describe("the URI of the resource that is read, instead of call"),
  prompt: name("the prompt's name").optional().describe("the prompt that is asked for, instead of call"),
  args: values.default({}).describe("a mapping of arguments"),
  agent: z.string().optional().describe("the agent's name"),
  session: z.string().optional().describe("the session's id"),
  server: z.string().optional().describe("the server's name"),
  annotations: values
    .optional()
    .describe("a mapping of what the server says of the tool, such as readOnlyHint"),
  at: text((value) => parseAt(value, "UTC"))
    .optional()
    .describe("when the call is made, such as 2026-03-02T14:00, in the file's time zone"),
  after: text(parseDuration).optional().describe("how long after the call before, such as 10m"),
  times: z
    .number()
    .superRefine((value, ctx) => {
      if (Number.isInteger(value) && value >= 1 && value <= MOST_TIMES) return;
      const help = `write a whole number from 1 to ${MOST_TIMES}`;
      attempt(() => complain(`${value} times cannot be`, help), ctx, value);
    })
    .default(1)
    .describe("how often the call is made"),
  approved: z.boolean().default(false).describe("true where a person has said yes"),
  sends: values
    .optional()
    .describe("a mapping of the arguments that the server gets, where plugins edit them"),
  result: z.unknown().optional().describe("what the server answers: a text, or a mapping"),
  becomes: z.unknown().optional().describe("what the agent gets of that result: a text, or a mapping"),
  rule: z.string().optional().describe("the rule that names the decision"),
  message: z.string().optional().describe("what the message has in it"),
};

const verdict = z
  .enum(["allow", "deny", "ask", "redact", "replace"])
  .describe("allow, deny, ask, redact or replace");

const counters = z
  .record(z.string(), z.number())
  .default({})
  .describe("a mapping from counters, such as state.create_charge.daily_spend, to what is in them before");

const title = z.string().optional().describe("what the test is called");

const single = z
  .strictObject({ name: title, state: counters, ...step, expect: verdict })
  .superRefine(checkStep)
  .superRefine(checkCounters)
  .describe("a mapping with call and expect");

const sequence = z
  .strictObject({
    name: title,
    state: counters,
    calls: some(
      z
        .strictObject({ ...step, expect: verdict.default("allow") })
        .superRefine(checkStep)
        .describe("a mapping with call"),
      "calls",
    ).describe("a list of calls, one after the other"),
  })
  .superRefine(checkCounters)
  .describe("a mapping with calls");

export const policyTest = z
  .union([single, sequence])
  .describe("a mapping with call and expect, or with calls");

interface Subjects {
  readonly call?: string | undefined;
  readonly read?: string | undefined;
  readonly prompt?: string | undefined;
  readonly result?: unknown;
  readonly becomes?: unknown;
  readonly expect: string;
}

function checkStep(value: Subjects, ctx: Refinement): void {
  const given = [value.call, value.read, value.prompt].filter((each) => each !== undefined).length;
  const help = "write call: and a tool's name; or read: and a URI, or prompt: and a name";
  if (given !== 1)
    attempt(() => complain(given === 0 ? "call is missing" : "only one can be called", help), ctx, value);
  if (value.result !== undefined && value.call === undefined) {
    complainOf(ctx, value, "result", "rules for results are about calls", "remove it");
  }
  if (value.result !== undefined) return;
  if (value.becomes !== undefined)
    complainOf(ctx, value, "becomes", "there is no result to become this", "add result");
  if (value.expect === "redact")
    complainOf(ctx, value, "expect", "there is no result to redact", "add result");
}

function checkCounters(value: { readonly state: Readonly<Record<string, number>> }, ctx: Refinement): void {
  for (const key of Object.keys(value.state)) {
    attempt(
      () => {
        if (parsePath(key).root !== "state") complain(`${key} is no counter`, "write state.<tool>.<counter>");
      },
      { addIssue: (issue) => ctx.addIssue({ ...issue, path: ["state", key] }) },
      value,
    );
  }
}

export type TestText = z.output<typeof policyTest>;
export type StepText = z.output<typeof sequence>["calls"][number];
