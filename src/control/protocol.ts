/**
 * The control protocol: JSON lines on the gateway's socket. The gateway says `hello` and a `snapshot`, then
 * `events` with rising sequence numbers; commands are answered by id. A reader too slow to keep up gets no
 * further events and then a fresh `snapshot`.
 */
import { z } from "zod";

export const PROTOCOL_VERSION = 2;

const verdict = z.enum(["allow", "deny", "ask"]);
const rule = z.object({ name: z.string(), tool: z.string(), file: z.string(), line: z.number() });

/** ms since the epoch, as far as a Date reaches. */
const moment = z.number().min(-8.64e15).max(8.64e15);

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

export const counterView = z.object({
  upstream: z.string(),
  scope: z.string(),
  counter: z.string(),
  /** "minute", "day", "10m", "session", "forever". */
  window: z.string(),
  partition: z.string(),
  /** Decimal text. */
  used: z.string(),
  /** Decimal text; null where no rule limits it. */
  limit: z.string().nullable(),
  /** 0 to 1 and over; null without a limit. */
  fraction: z.number().nullable(),
  /** ms since the epoch; null where it never resets. */
  resetsAt: z.number().nullable(),
});
export type CounterView = z.infer<typeof counterView>;

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

/** Tools that an operator blocks or allows; `until` in ms since the epoch, null for until it is taken back. */
const namedTools = z.array(z.object({ tool: z.string(), until: z.number().nullable() }));

/** What an operator has changed for now, on top of the policy. */
export const operatorView = z.object({
  /** Since when every call is denied, in ms since the epoch; null while the policy decides. */
  killed: z.number().nullable(),
  /** Whether nothing that a policy says is enforced, by `shadow on` or `--shadow`. */
  shadow: z.boolean(),
  /** Denied before the policy is asked. */
  blocks: namedTools,
  /** Let through whatever rules say. */
  allows: namedTools,
  /** Filters; calls like these wait for a person. */
  holds: z.array(z.string()),
  /** Names of plugins that are not asked. */
  plugins: z.array(z.string()),
});
export type OperatorView = z.infer<typeof operatorView>;

/** A mistake: `file:line:col message`, with what to do in `help`. */
const problem = z.object({
  file: z.string(),
  line: z.number(),
  col: z.number(),
  message: z.string(),
  help: z.string(),
});

export const pluginView = z.object({
  name: z.string(),
  file: z.string(),
  /** SHA-256 over its files, hex. */
  hash: z.string(),
  /** `failed`: it cannot answer, so what it should judge is decided by its `on_error`. */
  state: z.enum(["ready", "failed", "disabled"]),
  /** Why its newest text is not in force, or why it failed; empty when it is well. */
  problems: z.array(problem),
  /** Calls it was asked about. */
  calls: z.number(),
  /** Its own commands: `NAME COMMAND ...`. */
  commands: z.array(z.object({ name: z.string(), help: z.string() })),
  /** ms since the epoch when it came into this state. */
  since: z.number(),
});
export type PluginView = z.infer<typeof pluginView>;

/** One reading of the policy files. */
export const reloadView = z.object({
  /** ms since the epoch. */
  time: z.number(),
  /** Whether it came into force. */
  ok: z.boolean(),
  hash: z.string(),
  /** Rules in force after it. */
  rules: z.number(),
  /** The first mistake as `file:line:col message`; "" where there is none. */
  problem: z.string(),
});
export type ReloadView = z.infer<typeof reloadView>;

/** Answer to `write [FILE]`: what would be written. `write yes TOKEN` writes it. */
export const draftView = z.object({
  file: z.string(),
  /** Lines after their marks: " ", "+" or "-". */
  diff: z.array(z.string()),
  /** What is not in it, and why. */
  notes: z.array(z.string()),
  /** The commands that take back what the file says then. */
  takeBack: z.array(z.string()),
  token: z.string(),
});
export type DraftView = z.infer<typeof draftView>;

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

export const policyView = z.object({
  /** Files in force. */
  files: z.array(z.string()),
  /** Hash of the policy in force. */
  hash: z.string(),
  /** ms since the epoch when it came into force. */
  loadedAt: z.number(),
  reloads: z.number(),
  /** Rules in force. */
  rules: z.number(),
  /** Why the newest text on disk is not in force; empty when it is. */
  problems: z.array(problem),
  /** The last readings of the files, oldest first. */
  history: z.array(reloadView),
  plugins: z.array(pluginView),
});
export type PolicyView = z.infer<typeof policyView>;

export const upstreamView = z.object({
  name: z.string(),
  /** The command line or URL. */
  target: z.string(),
  sessions: z.number(),
  /** Lines from the server that were not JSON-RPC, and answers nobody asked for: dropped. */
  dropped: z.number(),
});
export type UpstreamView = z.infer<typeof upstreamView>;

export const toolView = z.object({
  upstream: z.string(),
  name: z.string(),
  /** What it is to the policy; several where that is not known. */
  classes: z.array(z.string()),
  /** Left out of lists, and denied. */
  hidden: z.boolean(),
  /** Whether the server has listed it; otherwise agents only called it. */
  listed: z.boolean(),
  calls: z.number(),
  denied: z.number(),
  /** Calls that ended in an error of the tool or the server, or with no answer. */
  errors: z.number(),
  /** ms that the server took, for half and for 99 of 100 answers; null before the first. */
  p50: z.number().nullable(),
  p99: z.number().nullable(),
  /** ms since the epoch of the last call; null before the first. */
  lastTime: z.number().nullable(),
});
export type ToolView = z.infer<typeof toolView>;

export const sessionView = z.object({
  id: z.string(),
  /** What the agent calls itself. */
  agent: z.string(),
  upstream: z.string(),
  era: z.enum(["legacy", "modern"]),
  /** ms since the epoch. */
  since: z.number(),
  /** Whether it is connected now. Over HTTP the modern era connects for each request. */
  open: z.boolean(),
  calls: z.number(),
  denied: z.number(),
  /** ms since the epoch of the last call; null before the first. */
  lastTime: z.number().nullable(),
});
export type SessionView = z.infer<typeof sessionView>;

/** Something a person should read: a refused frame, a dropped line, what a server wrote on stderr. */
export const logView = z.object({
  /** ms since the epoch. */
  time: z.number(),
  level: z.enum(["info", "warn", "error"]),
  text: z.string(),
});
export type LogView = z.infer<typeof logView>;

export const totals = z.object({
  calls: z.number(),
  allowed: z.number(),
  denied: z.number(),
  /** Waiting for a person now. */
  held: z.number(),
  /** Allowed calls that ended in a JSON-RPC error, a cancel or a lost upstream. */
  failed: z.number(),
  /** Frames from agents refused before judging. */
  refused: z.number(),
});
export type Totals = z.infer<typeof totals>;

export const gatewayView = z.object({
  /** `<pid>-<start time in base 36>`. */
  id: z.string(),
  pid: z.number(),
  version: z.string(),
  transport: z.enum(["stdio", "http"]),
  /** URLs agents connect to; empty over stdio. */
  endpoints: z.array(z.string()),
  startedAt: z.number(),
  cwd: z.string(),
});
export type GatewayView = z.infer<typeof gatewayView>;

export const snapshot = z.object({
  policy: policyView,
  upstreams: z.array(upstreamView),
  tools: z.array(toolView),
  sessions: z.array(sessionView),
  totals,
  /** Oldest first. */
  calls: z.array(callView),
  counters: z.array(counterView),
  denials: z.array(denialView),
  /** Oldest first. */
  holds: z.array(holdView),
  operator: operatorView,
  /** What came of the last reload; null where there was none. */
  whatIf: whatIfView.nullable(),
  /** Calls in each of the last 60 seconds, oldest first. */
  rate: z.array(z.number()),
  /** The last lines, oldest first. */
  log: z.array(logView),
});
export type Snapshot = z.infer<typeof snapshot>;

export const event = z.discriminatedUnion("type", [
  /** A call that is new or has changed; the newest state of it. */
  z.object({ type: z.literal("call"), call: callView }),
  /** All counters, whenever one changed. */
  z.object({ type: z.literal("counters"), counters: z.array(counterView) }),
  z.object({ type: z.literal("denials"), denials: z.array(denialView) }),
  /** All holds, whenever one came or went. */
  z.object({ type: z.literal("holds"), holds: z.array(holdView) }),
  z.object({ type: z.literal("operator"), operator: operatorView }),
  /** The last calls have been decided again, after a reload. */
  z.object({ type: z.literal("whatIf"), whatIf: whatIfView }),
  z.object({ type: z.literal("policy"), policy: policyView }),
  z.object({ type: z.literal("upstreams"), upstreams: z.array(upstreamView) }),
  z.object({ type: z.literal("totals"), totals }),
  /** All tools and all sessions, at most twice a second, whenever one changed. */
  z.object({ type: z.literal("tools"), tools: z.array(toolView) }),
  z.object({ type: z.literal("sessions"), sessions: z.array(sessionView) }),
  z.object({ type: z.literal("log"), ...logView.shape }),
]);
export type Event = z.infer<typeof event>;

export const serverMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), protocol: z.number(), gateway: gatewayView }),
  /** Instead of the hello: why this connection is closed. */
  z.object({ type: z.literal("bye"), reason: z.string() }),
  z.object({ type: z.literal("snapshot"), seq: z.number(), snapshot }),
  z.object({ type: z.literal("events"), seq: z.number(), events: z.array(event) }),
  z.discriminatedUnion("ok", [
    z.object({ type: z.literal("answer"), id: z.number(), ok: z.literal(true), result: z.unknown() }),
    z.object({ type: z.literal("answer"), id: z.number(), ok: z.literal(false), error: z.string() }),
  ]),
]);
export type ServerMessage = z.infer<typeof serverMessage>;

/** A command is a line of words, the same text a person would type: `why 17`, `kill`. */
export const clientMessage = z.object({
  type: z.literal("command"),
  id: z.number(),
  command: z.string().max(65_536),
});
export type ClientMessage = z.infer<typeof clientMessage>;
