import { hash } from "node:crypto";
import { maskMessage } from "../../audit/mask.ts";
import type { Outcome, RecordBody } from "../../audit/record.ts";
import { formatMicros } from "../../policy/counters/decimal.ts";
import type { Policy } from "../../policy/plan.ts";
import type { Recording } from "../../policy/schema/policy-file.ts";
import type { JsonObject } from "../../wire/json.ts";
import type { Frame } from "../../wire/upstream.ts";
import type { CallEntry, DecidedCall } from "../history/history.ts";
import type { Handing } from "./results.ts";

/** Arguments of larger frames are recorded by their hash. */
const MAX_RECORDED_BYTES = 64 * 1024;

/**
 * The record of a decision.
 *
 * @param id of the call
 * @param policy the one that decided
 * @param shadow whether the gateway blocks nothing
 */
export function callRecord(
  id: string,
  { call, masked, came, plugins, bytes, decision, before, uncounted }: DecidedCall,
  policy: Policy,
  shadow: boolean,
): RecordBody {
  const { rule } = decision;
  const asked = came ?? { args: call.args, masked };
  const recording = policy.recording(call.upstream);
  const said = (message: string) => messageKept(message, asked, recording);
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
    ...kept(asked, bytes, recording),
    edited: came === null ? null : kept({ args: call.args, masked }, null, recording).arguments,
    plugins: plugins.map(({ name, hash }) => ({ name, hash })),
    verdict: decision.verdict,
    rule: rule === null ? null : { name: rule.name, tool: rule.tool, file: rule.file, line: rule.line },
    message: said(decision.message),
    shadow,
    would:
      decision.would === null
        ? null
        : {
            verdict: decision.would.verdict,
            rule: decision.would.rule.name,
            message: said(decision.would.message),
          },
    policy: policy.hash,
    counters: decision.increments.map((need) => ({
      id: need.id,
      before: formatMicros(before.get(need.id) ?? 0n),
      add: formatMicros(need.add),
    })),
    uncounted,
  };
}

/** An answer: what the agent was handed of it, its size as it came, and what was made of it. */
export interface Answered {
  readonly frame: Frame;
  readonly bytes: number | null;
  readonly handed: Pick<Handing, "judged" | "plugins"> | null;
}

/** The record of how an allowed call ended. */
export function resultRecord(
  entry: CallEntry,
  outcome: Outcome,
  refunded: boolean,
  answered: Answered | null,
): RecordBody {
  return {
    kind: "result",
    call: entry.id,
    outcome,
    resultHash: answered === null ? null : hashOf(answered.frame),
    bytes: answered?.bytes ?? null,
    ms: entry.ms ?? 0,
    refunded,
    handed: answered?.handed?.judged ?? null,
    plugins: [...(answered?.handed?.plugins ?? [])],
  };
}

/** Arguments as they are, and without what looks like a secret: the same object where nothing does. */
interface Known {
  readonly args: JsonObject;
  readonly masked: JsonObject;
}

/**
 * What is recorded of arguments. Their hash is that of the masked ones: of a secret that can be guessed, a hash tells
 * whether a guess is right.
 *
 * @param frameBytes size of the frame that they came in; null where they came in none
 */
function kept({ args, masked }: Known, frameBytes: number | null, recording: Recording) {
  const bytes = frameBytes ?? Buffer.byteLength(JSON.stringify(masked));
  if (recording === "hash" || bytes > MAX_RECORDED_BYTES) {
    const hashed = { $hash: hashOf(JSON.stringify(masked)), $bytes: bytes };
    return { arguments: hashed, recorded: "hash" } as const;
  }
  if (recording === "full" || masked === args) return { arguments: args, recorded: "whole" } as const;
  return { arguments: masked, recorded: "masked" } as const;
}

/** What is recorded of a message: it may quote arguments. */
export function messageKept(message: string, { args, masked }: Known, recording: Recording): string {
  if (message === "" || recording === "full") return message;
  return recording === "hash" ? "" : maskMessage(message, args, masked);
}

function hashOf(data: Frame): string {
  return hash("sha256", data);
}
