import { maskMessage } from "../../audit/mask.ts";
import type { Outcome } from "../../audit/record.ts";
import type { CallDetail, CallView, DenialView, Totals } from "../../control/protocol.ts";
import type { Decision, Verdict } from "../../policy/types.ts";
import type { Frame } from "../../wire/upstream.ts";
import {
  type CallEntry,
  type DecidedCall,
  detail,
  keepAnswer,
  keepArguments,
  newEntry,
  REMEMBERED_BYTES,
  view,
} from "./call-entry.ts";
import { Rate } from "./rate.ts";
import { Roster } from "./roster.ts";
import { Timing } from "./timing.ts";
import { settled, ToolTallies } from "./tool-tallies.ts";

export type { CallEntry, DecidedCall } from "./call-entry.ts";

/** Calls remembered for the screen. */
const HISTORY = 1_000;
/** Most rules with a denial count of their own. */
const MAX_DENIALS = 500;

const TOTAL_OF = { allow: "allowed", deny: "denied", ask: "held" } as const satisfies Record<
  Verdict,
  keyof Totals
>;
const FAILED: ReadonlySet<Outcome> = new Set(["error", "cancelled", "lost"]);

/** What people see of a decision in a row. */
type Said = Pick<Decision, "verdict" | "rule" | "message" | "would">;

/** Messages may quote arguments: without the secrets among them. */
function shown({ decision, call, masked }: DecidedCall): Said {
  const { verdict, rule, message, would } = decision;
  if (message === "" && would === null) return decision;
  const plain = (text: string) => maskMessage(text, call.args, masked);
  const said = would === null ? null : { ...would, message: plain(would.message) };
  return { verdict, rule, message: plain(message), would: said };
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
  readonly tools = new ToolTallies();
  readonly roster = new Roster();
  #changed: Set<CallEntry> | null = null;

  /**
   * Remembers a call that has been decided.
   *
   * @param earlier what is remembered of it already: it was held, or this is a later round of it
   */
  add(decided: DecidedCall, earlier?: CallEntry): CallEntry {
    const entry = earlier ?? this.#arrived(decided);
    const { bytes, decision, again, before, began } = decided;
    // A later round begins anew; a held call goes on.
    if (entry.verdict === "ask") entry.timing.resumed(began);
    else entry.timing = new Timing(began);
    const facts = bytes <= REMEMBERED_BYTES ? decided.facts : null;
    entry.before = before;
    entry.facts = facts;
    entry.classes = decided.classes;
    entry.outcome = null;
    entry.ms = null;
    entry.result = null;
    keepArguments(entry, decided);
    this.#decide(entry, shown(decided), bytes <= REMEMBERED_BYTES ? again : () => decision);
    return entry;
  }

  /** A call that after all is to be decided otherwise. Returns what the agent is told. */
  overrule(entry: CallEntry, decision: Decision): string {
    this.#decide(entry, decision, () => decision);
    return decision.message;
  }

  #arrived(decided: DecidedCall): CallEntry {
    const { call } = decided;
    const guest = this.roster.called(call);
    const tool = call.kind === undefined || call.kind === "tool" ? this.tools.called(call) : null;
    const entry = newEntry(String(++this.totals.calls), decided, guest, tool);
    this.#rate.count(call.time);
    this.#ring[this.totals.calls % HISTORY] = entry;
    return entry;
  }

  #decide(entry: CallEntry, { verdict, rule, message, would }: Said, explain: () => Decision): void {
    if (entry.verdict !== null) this.totals[TOTAL_OF[entry.verdict]]--;
    this.totals[TOTAL_OF[verdict]]++;
    const denied = Number(verdict === "deny") - Number(entry.verdict === "deny");
    entry.guest.denied += denied;
    if (entry.tool !== null) entry.tool.denied += denied;
    entry.timing.decided(verdict === "ask");
    entry.verdict = verdict;
    entry.rule = rule;
    entry.message = message;
    entry.would = would;
    entry.explain = explain;
    this.#changed?.add(entry);
    if (verdict === "deny") this.#denied(entry);
  }

  settle(entry: CallEntry, outcome: Outcome, frame: Frame | null, now: number): void {
    if (entry.outcome === null && FAILED.has(outcome)) this.totals.failed++;
    const serverMs = entry.timing.settled();
    if (entry.tool !== null) settled(entry.tool, outcome, frame === null ? null : serverMs);
    entry.outcome = outcome;
    entry.ms = Math.max(0, now - entry.call.time);
    keepAnswer(entry, frame);
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
    return this.last(HISTORY).map(view);
  }

  /** The last calls, at most `count`, oldest first. */
  last(count: number): CallEntry[] {
    const oldest = (this.totals.calls + 1) % HISTORY;
    const inOrder = [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)];
    return inOrder.filter((entry) => entry !== undefined).slice(-count);
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
    return entry?.id === id ? detail(entry) : null;
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
