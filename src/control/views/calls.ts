/** A call, what is known of it, and what becomes of calls like it. */
import { z } from "zod";
import { moment, rule, verdict } from "./parts.ts";

export const callView = z.object({
  /** Unique within the gateway; rises with arrival. */
  id: z.string(),
  /** ms since the epoch. */
  time: moment,
  agent: z.string(),
  session: z.string(),
  upstream: z.string(),
  tool: z.string(),
  /** What the tool is to the policy; several where that is not known, none for what is no tool. */
  classes: z.array(z.string()),
  /** JSON text, secrets masked, cut to ARGUMENTS_PREVIEW characters. */
  arguments: z.string(),
  verdict,
  rule: rule.nullable(),
  /** What the agent was told, on a denial. */
  message: z.string(),
  /** What files in shadow mode would have said; null where the same. */
  would: z.object({ verdict: z.enum(["deny", "ask"]), rule, message: z.string() }).nullable(),
  /** null while the upstream works on it. */
  outcome: z.enum(["ok", "tool_error", "error", "input_required", "cancelled", "lost", "denied"]).nullable(),
  /** ms from request to answer; null while running. */
  ms: z.number().nullable(),
});
export type CallView = z.infer<typeof callView>;

export const ARGUMENTS_PREVIEW = 400;

export const conditionView = z.object({
  path: z.string(),
  op: z.string(),
  expected: z.unknown(),
  actual: z.unknown(),
  holds: z.boolean(),
  note: z.string().optional(),
});

/** Where a call's time went, in ms. */
export const timingView = z.object({
  /** Judging it and making the decision durable. */
  gate: z.number(),
  /** Waiting for a person; null where it was not held. */
  held: z.number().nullable(),
  /** From leaving for the server to its answer, or until now; null where it never left. */
  server: z.number().nullable(),
  /** All of it. */
  total: z.number(),
});
export type TimingView = z.infer<typeof timingView>;

/** Answer to the command `why ID`. */
export const callDetail = z.object({
  call: callView,
  /** JSON text, indented, secrets masked, cut to DETAIL_TEXT characters. */
  arguments: z.string(),
  trace: z.array(
    z.object({
      rule,
      outcome: z.enum(["pass", "skip", "ask", "deny", "error"]),
      conditions: z.array(conditionView),
      note: z.string().optional(),
    }),
  ),
  /** Decimal text. */
  counters: z.array(z.object({ name: z.string(), before: z.string(), add: z.string(), after: z.string() })),
  /** JSON text of the answer's `result` or `error`, indented, cut to DETAIL_TEXT characters; null while running. */
  result: z.string().nullable(),
  /** Characters of the whole arguments and result, of which the above may be the beginning. */
  size: z.object({ arguments: z.number(), result: z.number() }),
  timing: timingView,
  /** The audit record's hash. */
  hash: z.string(),
});
export type CallDetail = z.infer<typeof callDetail>;

export const DETAIL_TEXT = 20_000;

export const denialView = z.object({
  rule,
  count: z.number(),
  lastTime: z.number(),
  lastMessage: z.string(),
});
export type DenialView = z.infer<typeof denialView>;

/** A call that waits for a person. Answered with `approve ID`, `deny ID [message]` or `edit ID {json}`. */
export const holdView = z.object({
  /** Id of the call. */
  id: z.string(),
  /** ms since the epoch. */
  since: z.number(),
  /** ms since the epoch; no answer by then is a no. */
  deadline: z.number(),
  rules: z.array(rule),
  message: z.string(),
});
export type HoldView = z.infer<typeof holdView>;

/** A call that other rules would have decided otherwise. */
const flip = z.object({
  call: callView,
  from: verdict,
  to: verdict,
  /** The rule that says so; of what would be allowed, the rule that said no. */
  rule: rule.nullable(),
  message: z.string(),
});
export type Flip = z.infer<typeof flip>;

/** What rules would have made of the last calls: told after a reload, and the answer to `whatif` and `replay`. */
export const whatIfView = z.object({
  /** What they were decided under. */
  under: z.string(),
  /** ms since the epoch. */
  time: z.number(),
  /** Calls decided again. */
  calls: z.number(),
  wouldDeny: z.number(),
  wouldAllow: z.number(),
  wouldAsk: z.number(),
  /** Calls too large to remember whole. */
  unknown: z.number(),
  /** The first of them, oldest first. */
  flips: z.array(flip),
});
export type WhatIf = z.infer<typeof whatIfView>;
