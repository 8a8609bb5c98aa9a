import { z } from "zod";
import { isObject, type JsonObject } from "../wire/json.ts";
import type { AuditRecord } from "./record.ts";

const count = z.int().nonnegative();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const jsonObject = z.custom<JsonObject>(isObject, "an object");

const place = { seq: z.int().positive(), time: z.iso.datetime(), prev: digest, hash: digest };

/** Where a record stands in its chain; all that verifying asks of one, whatever its kind. */
export const placeSchema = z.looseObject({
  ...place,
  kind: z.string(),
  /** Of an `open` record. */
  gateway: z.string().optional(),
  previous: z.object({ file: z.string(), hash: digest }).nullish(),
  /** Of a `checkpoint`. */
  key: z.string().optional(),
  signature: z.string().optional(),
  /** Of a `removed` record. */
  files: z.array(z.string()).optional(),
});

export type Place = z.infer<typeof placeSchema>;

const rule = z.object({ name: z.string(), tool: z.string(), file: z.string(), line: count });
const counter = z.object({ id: z.string(), before: z.string(), add: z.string() });

/** The plugins that were asked. */
const plugins = z.array(z.object({ name: z.string(), hash: digest }));

/** A record as read back from a log. */
export const recordSchema: z.ZodType<AuditRecord> = z.discriminatedUnion("kind", [
  z.object({
    ...place,
    kind: z.literal("open"),
    gateway: z.string(),
    version: z.string(),
    pid: count,
    previous: z.object({ file: z.string(), hash: digest }).nullable(),
  }),
  z.object({
    ...place,
    kind: z.literal("call"),
    call: z.string(),
    arrived: z.number().min(0).max(8.64e15),
    upstream: z.string(),
    agent: z.string(),
    session: z.string(),
    target: z.enum(["tool", "resource", "prompt"]),
    tool: z.string(),
    annotations: jsonObject.nullable(),
    arguments: jsonObject,
    recorded: z.enum(["whole", "masked", "hash"]),
    edited: jsonObject.nullable(),
    plugins,
    verdict: z.enum(["allow", "deny", "ask"]),
    rule: rule.nullable(),
    message: z.string(),
    shadow: z.boolean(),
    would: z.object({ verdict: z.enum(["deny", "ask"]), rule: z.string(), message: z.string() }).nullable(),
    policy: z.string(),
    counters: z.array(counter),
    uncounted: z.boolean(),
  }),
  z.object({
    ...place,
    kind: z.literal("hold"),
    call: z.string(),
    answer: z.enum(["approved", "edited", "denied", "expired", "cancelled"]),
    message: z.string(),
  }),
  z.object({
    ...place,
    kind: z.literal("result"),
    call: z.string(),
    outcome: z.enum(["ok", "tool_error", "error", "input_required", "cancelled", "lost"]),
    resultHash: z.string().nullable(),
    bytes: count.nullable(),
    ms: z.number(),
    refunded: z.boolean(),
    handed: z
      .object({
        verdict: z.enum(["deny", "redact", "replace"]),
        rule: z.string(),
        message: z.string(),
        shadow: z.boolean(),
      })
      .nullable(),
    plugins,
  }),
  z.object({
    ...place,
    kind: z.literal("refused"),
    session: z.string(),
    side: z.enum(["agent", "upstream"]),
    reason: z.string(),
  }),
  z.object({
    ...place,
    kind: z.literal("reload"),
    policy: z.string(),
    ok: z.boolean(),
    problems: z.array(z.string()),
  }),
  z.object({
    ...place,
    kind: z.literal("operator"),
    command: z.string(),
    counter: z
      .object({
        upstream: z.string(),
        scope: z.string(),
        counter: z.string(),
        window: z.string(),
        partition: z.string(),
        at: z.number(),
        before: z.string(),
        after: z.string(),
      })
      .optional(),
  }),
  z.object({ ...place, kind: z.literal("checkpoint"), key: z.string(), signature: z.string() }),
  z.object({ ...place, kind: z.literal("removed"), files: z.array(z.string()) }),
  z.object({ ...place, kind: z.literal("close"), reason: z.string() }),
]);
