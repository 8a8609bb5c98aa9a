import { hash } from "node:crypto";
import type { Outcome, RecordBody } from "../audit/record.ts";
import { formatMicros } from "../policy/counters/decimal.ts";
import type { JsonObject } from "../wire/json.ts";
import type { Frame } from "../wire/upstream.ts";
import type { CallEntry, DecidedCall } from "./history.ts";
import type { HandedResult } from "./results.ts";

/** Arguments of larger frames are recorded by their hash. */
const MAX_RECORDED_BYTES = 64 * 1024;

/**
 * The record of a decision.
 *
 * @param id of the call
 * @param policy hash of the policy that decided
 * @param shadow whether the gateway blocks nothing
 */
export function callRecord(
  id: string,
  { call, masked, came, plugins, bytes, decision, before, uncounted }: DecidedCall,
  policy: string,
  shadow: boolean,
): RecordBody {
  const { rule } = decision;
  const asked = came ?? { args: call.args, masked };
  const large = bytes > MAX_RECORDED_BYTES;
  return {
    kind: "call",
    call: id,
    arrived: call.time,
    upstream: call.upstream,
    agent: call.agent,
    session: call.session,
    target: call.kind ?? "tool",
    tool: call.tool,
    annotations: call.annotations ?? null,
    arguments: large ? hashed(asked.masked, bytes) : asked.masked,
    recorded: large ? "hash" : asked.masked === asked.args ? "whole" : "masked",
    edited: came === null ? null : bounded(masked),
    plugins: plugins.map(({ name, hash }) => ({ name, hash })),
    verdict: decision.verdict,
    rule: rule === null ? null : { name: rule.name, tool: rule.tool, file: rule.file, line: rule.line },
    message: decision.message,
    shadow,
    would:
      decision.would === null
        ? null
        : {
            verdict: decision.would.verdict,
            rule: decision.would.rule.name,
            message: decision.would.message,
          },
    policy,
    counters: decision.increments.map((need) => ({
      id: need.id,
      before: formatMicros(before.get(need.id) ?? 0n),
      add: formatMicros(need.add),
    })),
    uncounted,
  };
}

/** The record of how an allowed call ended. */
export function resultRecord(
  entry: CallEntry,
  outcome: Outcome,
  frame: Frame | null,
  refunded: boolean,
  handed: HandedResult | null,
): RecordBody {
  return {
    kind: "result",
    call: entry.id,
    outcome,
    resultHash: frame === null ? null : hashOf(frame),
    ms: entry.ms ?? 0,
    refunded,
    handed,
  };
}

const hashed = (args: JsonObject, bytes: number) => ({ $hash: hashOf(JSON.stringify(args)), $bytes: bytes });

/** Arguments that plugins made, whose size nobody knows yet. */
function bounded(args: JsonObject): JsonObject {
  const bytes = Buffer.byteLength(JSON.stringify(args));
  return bytes > MAX_RECORDED_BYTES ? hashed(args, bytes) : args;
}

function hashOf(data: Frame): string {
  return hash("sha256", data);
}
