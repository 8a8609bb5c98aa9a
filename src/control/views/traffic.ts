/** Who calls what through a gateway, and what is counted. */
import { z } from "zod";

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
