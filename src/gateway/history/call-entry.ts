/** What is remembered of a call, and how it reads. */
import { mask } from "../../audit/mask.ts";
import type { Outcome } from "../../audit/record.ts";
import { ARGUMENTS_PREVIEW, type CallDetail, type CallView, DETAIL_TEXT } from "../../control/protocol.ts";
import { formatMicros } from "../../policy/counters/decimal.ts";
import type { Call, ConditionTrace, CounterNeed, Decision, RuleRef, Verdict } from "../../policy/types.ts";
import type { Json, JsonObject } from "../../wire/json.ts";
import type { Frame } from "../../wire/upstream.ts";
import type { Facts } from "./facts.ts";
import type { Guest } from "./roster.ts";
import { Timing } from "./timing.ts";
import type { ToolTally } from "./tool-tallies.ts";

/** Frames up to this many bytes are remembered whole; of larger ones only the beginning. */
export const REMEMBERED_BYTES = 16 * 1024;

const UNDECIDED: Decision = {
  verdict: "deny",
  rule: null,
  message: "",
  trace: [],
  increments: [],
  ask: null,
  would: null,
};

/** A call that has been decided. */
export interface DecidedCall {
  /** As it goes on. */
  readonly call: Call;
  /** Its arguments without their secrets. */
  readonly masked: JsonObject;
  /** The arguments that it came with, where plugins changed them; else null. */
  readonly came: { readonly args: JsonObject; readonly masked: JsonObject } | null;
  /** The plugins that were asked. */
  readonly plugins: readonly { readonly name: string; readonly hash: string }[];
  /** Size of its frame. */
  readonly bytes: number;
  /** Micros by counter id, before the call. */
  readonly before: ReadonlyMap<string, bigint>;
  readonly decision: Decision;
  /** Whether it was decided as if each counter stood at zero, and counted nowhere. */
  readonly uncounted: boolean;
  /** Decides again, alike: deciding is pure, and most traces are never looked at, so they are not kept. */
  readonly again: () => Decision;
  readonly facts: Facts;
  /** What the tool is to the policy; none for what is no tool. */
  readonly classes: readonly string[];
  /** When judging it began, in ms of `performance.now()`. */
  readonly began: number;
}

/** A call as the gateway remembers it. */
export interface CallEntry {
  readonly id: string;
  readonly call: Omit<Call, "args">;
  /** Secrets masked; only the beginning of its text where the call is large. */
  args: JsonObject | string;
  before: ReadonlyMap<string, bigint>;
  /** What deciding it anew needs; null where that is too much to remember. */
  facts: Facts | null;
  classes: readonly string[];
  /** How it was decided, with the trace. */
  explain: () => Decision;
  verdict: Verdict | null;
  rule: RuleRef | null;
  message: string;
  would: Decision["would"];
  /** Hash of its audit record. */
  hash: string;
  outcome: Outcome | null;
  ms: number | null;
  /** The beginning of the answer. */
  result: string | null;
  /** Characters of the whole arguments, bytes of the whole answer. */
  readonly size: { arguments: number; result: number };
  timing: Timing;
  readonly guest: Guest;
  /** null for what is no tool. */
  readonly tool: ToolTally | null;
}

export function newEntry(
  id: string,
  { call: { args: _, ...call }, began }: DecidedCall,
  guest: Guest,
  tool: ToolTally | null,
): CallEntry {
  return {
    id,
    call,
    args: {},
    before: new Map(),
    facts: null,
    classes: [],
    explain: () => UNDECIDED,
    verdict: null,
    rule: null,
    message: "",
    would: null,
    hash: "",
    outcome: null,
    ms: null,
    result: null,
    size: { arguments: 0, result: 0 },
    timing: new Timing(began),
    guest,
    tool,
  };
}

/** Everything remembered of a call. */
export function detail(entry: CallEntry): CallDetail {
  const decision = entry.explain();
  return {
    call: view(entry),
    arguments: cut(argumentsText(entry, 2), DETAIL_TEXT),
    trace: decision.trace.map((t) => ({ ...t, conditions: t.conditions.map(withoutSecrets) })),
    counters: decision.increments.map((need) => {
      const before = entry.before.get(need.id) ?? 0n;
      const { add } = need;
      return {
        name: counterName(need),
        before: formatMicros(before),
        add: formatMicros(add),
        after: formatMicros(before + add),
      };
    }),
    result: entry.result === null ? null : cut(indent(entry.result), DETAIL_TEXT),
    size: sizeOf(entry),
    timing: entry.timing.view(),
    hash: entry.hash,
  };
}

/** What a condition saw, as `mask` leaves it under the name that its path ends in. */
function withoutSecrets(condition: ConditionTrace): ConditionTrace {
  const { path, actual } = condition;
  if (actual === undefined || typeof actual === "bigint") return { ...condition };
  const name = /([^.[\]]*)(?:\[[^\]]*\])*$/.exec(path)?.[1] ?? "";
  return { ...condition, actual: mask({ [name]: actual as Json })[name] };
}

/** A counter as people read it: "create_charge.daily_spend", with its partition where it has one. */
export function counterName({ scope, counter, partition }: CounterNeed): string {
  return `${scope}.${counter}${partition === "" ? "" : ` [${partition}]`}`;
}

/** A call as its row has it. */
export function view(entry: CallEntry): CallView {
  const { id, call, rule, message, would, outcome, ms } = entry;
  const verdict = entry.verdict ?? "deny";
  return {
    id,
    time: call.time,
    agent: call.agent,
    session: call.session,
    upstream: call.upstream,
    tool: call.tool,
    classes: [...entry.classes],
    arguments: cut(argumentsText(entry, 0), ARGUMENTS_PREVIEW),
    verdict,
    rule,
    message,
    would,
    outcome: verdict === "deny" ? "denied" : outcome,
    ms: verdict === "deny" ? Math.floor(entry.timing.view().total) : ms,
  };
}

/** Keeps the arguments: whole where the call is small. */
export function keepArguments(entry: CallEntry, { bytes, masked }: DecidedCall): void {
  const text = bytes <= REMEMBERED_BYTES ? null : JSON.stringify(masked);
  entry.args = text?.slice(0, DETAIL_TEXT + 1) ?? masked;
  entry.size.arguments = text?.length ?? 0;
}

function sizeOf(entry: CallEntry): CallDetail["size"] {
  return { ...entry.size, arguments: entry.size.arguments || argumentsText(entry, 0).length };
}

function argumentsText({ args }: CallEntry, indentation: number): string {
  return typeof args === "string" ? args : JSON.stringify(args, null, indentation);
}

/** Keeps the beginning of an answer. */
export function keepAnswer(entry: CallEntry, frame: Frame | null): void {
  entry.size.result = frame?.length ?? 0;
  if (frame === null) entry.result = null;
  else if (typeof frame === "string") entry.result = frame.slice(0, REMEMBERED_BYTES);
  else entry.result = frame.toString("utf8", 0, Math.min(frame.length, REMEMBERED_BYTES));
}

/** The `result` or `error` of an answer, indented where the text is whole. */
function indent(answer: string): string {
  try {
    const { result, error } = JSON.parse(answer);
    return JSON.stringify(result ?? error, null, 2);
  } catch {
    return answer;
  }
}

export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
