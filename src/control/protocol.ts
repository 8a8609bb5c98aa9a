/**
 * The control protocol: JSON lines on the gateway's socket. The gateway says `hello` and a `snapshot`, then
 * `events` with rising sequence numbers; commands are answered by id. A reader too slow to keep up gets no
 * further events and then a fresh `snapshot`.
 */
import { z } from "zod";
import { callView, denialView, holdView, whatIfView } from "./views/calls.ts";
import { operatorView, policyView } from "./views/policy.ts";
import {
  counterView,
  gatewayView,
  logView,
  sessionView,
  toolView,
  totals,
  upstreamView,
} from "./views/traffic.ts";

export * from "./views/calls.ts";
export * from "./views/policy.ts";
export * from "./views/traffic.ts";

export const PROTOCOL_VERSION = 2;

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
