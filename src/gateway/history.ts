import type { Outcome } from "../audit/record.ts";
import {
  ARGUMENTS_PREVIEW,
  type CallDetail,
  type CallView,
  DETAIL_TEXT,
  type DenialView,
  type Totals,
} from "../control/protocol.ts";
import { formatMicros } from "../policy/decimal.ts";
import type { Call, CounterNeed, Decision } from "../policy/types.ts";
import type { JsonObject } from "../wire/json.ts";
import type { Frame } from "../wire/upstream.ts";

/** Calls remembered for the screen. */
const HISTORY = 1_000;
/** Frames up to this many bytes are remembered whole; of larger ones only the beginning. */
const REMEMBERED_BYTES = 16 * 1024;
/** Most rules with a denial count of their own. */
const MAX_DENIALS = 500;

/** A call as the gateway remembers it. */
export interface CallEntry {
  readonly id: string;
  readonly call: Omit<Call, "args">;
  /** Secrets masked; only the beginning of its text where the call is large. */
  readonly args: JsonObject | string;
  readonly before: ReadonlyMap<string, bigint>;
  decision: Decision;
  /** Hash of its audit record. */
  hash: string;
  outcome: Outcome | null;
  ms: number | null;
  /** The beginning of the answer. */
  result: string | null;
}

/** What happened lately, bounded; the source of all that the screen shows of calls. */
export class CallHistory {
  readonly totals: Totals = { calls: 0, allowed: 0, denied: 0, held: 0, failed: 0, refused: 0 };
  /** Told of each call that has been denied or settled. */
  onDone: ((call: CallView) => void) | null = null;
  readonly #entries = new Map<string, CallEntry>();
  readonly #denials = new Map<string, DenialView>();
  readonly #rate = new Array<number>(60).fill(0);
  #rateSecond = 0;
  #changed: Set<CallEntry> | null = null;

  /**
   * Remembers a call that has been decided.
   *
   * @param masked its arguments without their secrets
   * @param bytes size of its frame
   */
  add(
    { args: _, ...call }: Call,
    masked: JsonObject,
    bytes: number,
    decision: Decision,
    before: ReadonlyMap<string, bigint>,
  ): CallEntry {
    this.totals.calls++;
    const entry: CallEntry = {
      id: String(this.totals.calls),
      call,
      args: bytes <= REMEMBERED_BYTES ? masked : JSON.stringify(masked).slice(0, DETAIL_TEXT + 1),
      before,
      decision,
      hash: "",
      outcome: null,
      ms: null,
      result: null,
    };
    this.#countRate(call.time);
    if (decision.verdict === "allow") this.totals.allowed++;
    else this.#countDenial(entry);
    this.#entries.set(entry.id, entry);
    if (this.#entries.size > HISTORY) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#changed?.add(entry);
    if (decision.verdict !== "allow") this.onDone?.(view(entry));
    return entry;
  }

  /** An allowed call that after all is not. Returns what the agent is told. */
  overrule(entry: CallEntry, decision: Decision): string {
    this.totals.allowed--;
    entry.decision = decision;
    this.#countDenial(entry);
    this.#changed?.add(entry);
    this.onDone?.(view(entry));
    return decision.message;
  }

  settle(entry: CallEntry, outcome: Outcome, frame: Frame | null, now: number): void {
    if (entry.outcome === null && outcome !== "ok" && outcome !== "tool_error") this.totals.failed++;
    entry.outcome = outcome;
    entry.ms = Math.max(0, now - entry.call.time);
    entry.result = frame === null ? null : beginning(frame);
    this.#changed?.add(entry);
    this.onDone?.(view(entry));
  }

  /** Starts or stops remembering which calls changed, for `takeChanged`. */
  track(on: boolean): void {
    this.#changed = on ? (this.#changed ?? new Set()) : null;
  }

  /** The calls that changed since it was last asked. */
  takeChanged(): CallView[] {
    if (this.#changed === null || this.#changed.size === 0) return [];
    const views = [...this.#changed].map(view);
    this.#changed.clear();
    return views;
  }

  calls(): CallView[] {
    return [...this.#entries.values()].map(view);
  }

  denials(): DenialView[] {
    return [...this.#denials.values()];
  }

  /** Calls in each of the last 60 seconds, oldest first. */
  rate(now: number): number[] {
    this.#countRate(now, 0);
    const at = (this.#rateSecond + 1) % 60;
    return [...this.#rate.slice(at), ...this.#rate.slice(0, at)];
  }

  /** Everything remembered of one call, or null where it has been forgotten. */
  detail(id: string): CallDetail | null {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    const { decision, before } = entry;
    return {
      call: view(entry),
      arguments: cut(argumentsText(entry, 2), DETAIL_TEXT),
      trace: decision.trace.map((t) => ({ ...t, conditions: t.conditions.map((c) => ({ ...c })) })),
      counters: decision.increments.map((need) => ({
        name: counterName(need),
        before: formatMicros(before.get(need.id) ?? 0n),
        add: formatMicros(need.add),
      })),
      result: entry.result === null ? null : cut(indent(entry.result), DETAIL_TEXT),
      hash: entry.hash,
    };
  }

  #countRate(time: number, calls = 1): void {
    const second = Math.floor(time / 1000);
    const passed = Math.min(60, Math.max(0, second - Math.floor(this.#lastTime / 1000)));
    for (let i = 0; i < passed; i++) {
      this.#rateSecond = (this.#rateSecond + 1) % 60;
      this.#rate[this.#rateSecond] = 0;
    }
    if (time > this.#lastTime) this.#lastTime = time;
    this.#rate[this.#rateSecond] = (this.#rate[this.#rateSecond] ?? 0) + calls;
  }
  #lastTime = 0;

  #countDenial({ call, decision }: CallEntry): void {
    this.totals.denied++;
    const { rule, message } = decision;
    if (rule === null) return;
    const key = JSON.stringify([rule.file, rule.tool, rule.name]);
    const count = (this.#denials.get(key)?.count ?? 0) + 1;
    if (count === 1 && this.#denials.size >= MAX_DENIALS) return;
    this.#denials.set(key, { rule, count, lastTime: call.time, lastMessage: message });
  }
}

/** A counter as people read it: "create_charge.daily_spend", with its partition where it has one. */
function counterName({ scope, counter, partition }: CounterNeed): string {
  return `${scope}.${counter}${partition === "" ? "" : ` [${partition}]`}`;
}

function view(entry: CallEntry): CallView {
  const { id, call, decision, outcome, ms } = entry;
  return {
    id,
    time: call.time,
    agent: call.agent,
    session: call.session,
    upstream: call.upstream,
    tool: call.tool,
    arguments: cut(argumentsText(entry, 0), ARGUMENTS_PREVIEW),
    verdict: decision.verdict,
    rule: decision.rule,
    message: decision.message,
    outcome: decision.verdict === "deny" ? "denied" : outcome,
    ms: decision.verdict === "deny" ? 0 : ms,
  };
}

function argumentsText({ args }: CallEntry, indentation: number): string {
  return typeof args === "string" ? args : JSON.stringify(args, null, indentation);
}

function beginning(frame: Frame): string {
  return typeof frame === "string"
    ? frame.slice(0, REMEMBERED_BYTES)
    : frame.toString("utf8", 0, Math.min(frame.length, REMEMBERED_BYTES));
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

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
