import type { Outcome } from "../audit/record.ts";
import {
  ARGUMENTS_PREVIEW,
  type CallDetail,
  type CallView,
  DETAIL_TEXT,
  type DenialView,
  type Totals,
} from "../control/protocol.ts";
import { formatMicros } from "../policy/counters/decimal.ts";
import type { Call, CounterNeed, Decision, RuleRef, Verdict } from "../policy/types.ts";
import type { JsonObject } from "../wire/json.ts";
import type { Frame } from "../wire/upstream.ts";
import { Rate } from "./rate.ts";

/** Calls remembered for the screen. */
const HISTORY = 1_000;
/** Frames up to this many bytes are remembered whole; of larger ones only the beginning. */
const REMEMBERED_BYTES = 16 * 1024;
/** Most rules with a denial count of their own. */
const MAX_DENIALS = 500;

const TOTAL_OF = { allow: "allowed", deny: "denied", ask: "held" } as const satisfies Record<
  Verdict,
  keyof Totals
>;
const UNDECIDED: Decision = {
  verdict: "deny",
  rule: null,
  message: "",
  trace: [],
  increments: [],
  ask: null,
  would: null,
};
const FAILED: ReadonlySet<Outcome> = new Set(["error", "cancelled", "lost"]);

/** A call that has been decided. */
export interface DecidedCall {
  readonly call: Call;
  /** Its arguments without their secrets. */
  readonly masked: JsonObject;
  /** Size of its frame. */
  readonly bytes: number;
  /** Micros by counter id, before the call. */
  readonly before: ReadonlyMap<string, bigint>;
  readonly decision: Decision;
  /** Whether it was decided as if each counter stood at zero, and counted nowhere. */
  readonly uncounted: boolean;
  /** Decides again, alike: deciding is pure, and most traces are never looked at, so they are not kept. */
  readonly again: () => Decision;
}

/** A call as the gateway remembers it. */
export interface CallEntry {
  readonly id: string;
  readonly call: Omit<Call, "args">;
  /** Secrets masked; only the beginning of its text where the call is large. */
  args: JsonObject | string;
  before: ReadonlyMap<string, bigint>;
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
}

/** What happened lately, bounded; the source of all that the screen shows of calls. */
export class CallHistory {
  readonly totals: Totals = { calls: 0, allowed: 0, denied: 0, held: 0, failed: 0, refused: 0 };
  /** Told of each call that has been denied or settled. */
  onDone: ((call: CallView) => void) | null = null;
  /** By number modulo its length. */
  readonly #ring: (CallEntry | undefined)[] = new Array<undefined>(HISTORY).fill(undefined);
  readonly #denials = new Map<string, DenialView>();
  readonly #rate = new Rate();
  #changed: Set<CallEntry> | null = null;

  /**
   * Remembers a call that has been decided.
   *
   * @param earlier what is remembered of it already: it was held, or this is a later round of it
   */
  add(decided: DecidedCall, earlier?: CallEntry): CallEntry {
    const entry = earlier ?? this.#arrived(decided);
    const { bytes, decision, again, before } = decided;
    Object.assign(entry, { before, args: remembered(decided), outcome: null, ms: null, result: null });
    this.#decide(entry, decision, bytes <= REMEMBERED_BYTES ? again : () => decision);
    return entry;
  }

  /** A call that after all is to be decided otherwise. Returns what the agent is told. */
  overrule(entry: CallEntry, decision: Decision): string {
    this.#decide(entry, decision, () => decision);
    return decision.message;
  }

  #arrived({ call: { args: _, ...call } }: DecidedCall): CallEntry {
    const entry: CallEntry = {
      id: String(++this.totals.calls),
      call,
      args: {},
      before: new Map(),
      explain: () => UNDECIDED,
      verdict: null,
      rule: null,
      message: "",
      would: null,
      hash: "",
      outcome: null,
      ms: null,
      result: null,
    };
    this.#rate.count(call.time);
    this.#ring[this.totals.calls % HISTORY] = entry;
    return entry;
  }

  #decide(entry: CallEntry, { verdict, rule, message, would }: Decision, explain: () => Decision): void {
    if (entry.verdict !== null) this.totals[TOTAL_OF[entry.verdict]]--;
    this.totals[TOTAL_OF[verdict]]++;
    Object.assign(entry, { verdict, rule, message, would, explain });
    this.#changed?.add(entry);
    if (verdict === "deny") this.#denied(entry);
  }

  settle(entry: CallEntry, outcome: Outcome, frame: Frame | null, now: number): void {
    if (entry.outcome === null && FAILED.has(outcome)) this.totals.failed++;
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

  /** Oldest first. */
  calls(): CallView[] {
    const oldest = (this.totals.calls + 1) % HISTORY;
    const inOrder = [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)];
    return inOrder.flatMap((entry) => (entry === undefined ? [] : [view(entry)]));
  }

  denials(): DenialView[] {
    return [...this.#denials.values()];
  }

  /** Calls in each of the last 60 seconds, oldest first. */
  rate(now: number): number[] {
    return this.#rate.read(now);
  }

  /** Everything remembered of one call, or null where it has been forgotten. */
  detail(id: string): CallDetail | null {
    const entry = this.#ring[Number(id) % HISTORY];
    if (entry?.id !== id) return null;
    const decision = entry.explain();
    return {
      call: view(entry),
      arguments: cut(argumentsText(entry, 2), DETAIL_TEXT),
      trace: decision.trace.map((t) => ({ ...t, conditions: t.conditions.map((c) => ({ ...c })) })),
      counters: decision.increments.map((need) => ({
        name: counterName(need),
        before: formatMicros(entry.before.get(need.id) ?? 0n),
        add: formatMicros(need.add),
      })),
      result: entry.result === null ? null : cut(indent(entry.result), DETAIL_TEXT),
      hash: entry.hash,
    };
  }

  #denied(entry: CallEntry): void {
    const { call, rule, message } = entry;
    if (rule !== null) {
      const key = JSON.stringify([rule.file, rule.tool, rule.name]);
      const count = (this.#denials.get(key)?.count ?? 0) + 1;
      if (count > 1 || this.#denials.size < MAX_DENIALS) {
        this.#denials.set(key, { rule, count, lastTime: call.time, lastMessage: message });
      }
    }
    this.onDone?.(view(entry));
  }
}

/** A counter as people read it: "create_charge.daily_spend", with its partition where it has one. */
function counterName({ scope, counter, partition }: CounterNeed): string {
  return `${scope}.${counter}${partition === "" ? "" : ` [${partition}]`}`;
}

function view(entry: CallEntry): CallView {
  const { id, call, rule, message, would, outcome, ms } = entry;
  const verdict = entry.verdict ?? "deny";
  return {
    id,
    time: call.time,
    agent: call.agent,
    session: call.session,
    upstream: call.upstream,
    tool: call.tool,
    arguments: cut(argumentsText(entry, 0), ARGUMENTS_PREVIEW),
    verdict,
    rule,
    message,
    would,
    outcome: verdict === "deny" ? "denied" : outcome,
    ms: verdict === "deny" ? 0 : ms,
  };
}

/** Arguments as they are kept: whole where the call is small. */
function remembered({ bytes, masked }: DecidedCall): JsonObject | string {
  return bytes <= REMEMBERED_BYTES ? masked : JSON.stringify(masked).slice(0, DETAIL_TEXT + 1);
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
