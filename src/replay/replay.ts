import type { AuditRecord } from "../audit/record.ts";
import { judgeCall } from "../judging/judge-call.ts";
import { judgesResults } from "../judging/judge-result.ts";
import { PLAIN_TERMS, type Ruling, type Terms } from "../judging/rule.ts";
import type { Ruleset } from "../judging/ruleset.ts";
import { soon } from "../judging/soon.ts";
import { ruleKey } from "../policy/judge.ts";
import type { Call, CounterNeed, Decision, RuleRef, Verdict } from "../policy/types.ts";
import { MemoryStore } from "../state/memory.ts";
import type { Reservation } from "../state/store.ts";
import { setCounter, UNREACHABLE } from "./counters.ts";
import { type FlipGroup, Flips } from "./flips.ts";
import { byOperator, CallReader, type CallRecord, reasonOf, recordedAdds, verdictOf } from "./recorded.ts";
import { type ResultRecord, saidNow, saidThen } from "./results.ts";

/** What came of deciding recorded calls again. */
export interface ReplayReport {
  /** Calls, each once, however many rounds it took. */
  readonly calls: number;
  /** Calls that would be decided otherwise. */
  readonly flipped: number;
  /** The largest first. */
  readonly flips: readonly FlipGroup[];
  /** Calls of which too little was recorded for the rules that look at them; they count as they did then. */
  readonly undecidable: number;
  /** Calls that no policy refused or held, but an operator, or the gateway because it could not reach its counters. */
  readonly outside: number;
  /** The answers to those calls that rules for results, or plugins, judged then or would judge now. */
  readonly results: {
    readonly judged: number;
    readonly flipped: number;
    readonly flips: readonly FlipGroup[];
    /** Those that something would have to look into: answers are recorded by their hash. */
    readonly undecidable: number;
  };
}

/** A call that has not ended. */
interface OpenCall {
  reservation: Reservation | null;
  /** `ruleKey` of the rules that a person has said yes to. */
  approved: ReadonlySet<string>;
  /** Whether a person has said yes to its arguments. */
  held: boolean;
  /** Rules that ask, as decided now. */
  asked: readonly RuleRef[];
  /** Whether it was refused, or is held so far, by no policy. */
  outside: boolean;
  /** As recorded, where its answer is to be judged. */
  record: CallRecord | null;
  /** Whether it went another way already: what was recorded later would not have happened so. */
  diverged: boolean;
  /** Once it cannot be decided, nor can what follows: which rules a person approved of is not known. */
  undecidable: boolean;
}

/** Decides the calls of audit logs again, as a gateway that starts with empty counters would. */
export class Replay {
  readonly #ruleset: Ruleset;
  readonly #store = new MemoryStore();
  readonly #reader = new CallReader();
  readonly #flips = new Flips();
  /** By gateway, by the call's id. */
  readonly #open = new Map<string, Map<string, OpenCall>>();
  /** Names of the plugins that an operator has turned off, by gateway. */
  readonly #off = new Map<string, Set<string>>();
  readonly #resultFlips = new Flips();
  #judged = 0;
  #unseen = 0;
  #calls = 0;
  #undecidable = 0;
  #outside = 0;

  constructor(ruleset: Ruleset) {
    this.#ruleset = ruleset;
  }

  /**
   * The next record, in the order of their times; `gateway` wrote it. Where plugins have to be asked, the one after
   * it may be taken once that is done.
   */
  take(gateway: string, record: AuditRecord): void | Promise<void> {
    const open = this.#openOf(gateway);
    switch (record.kind) {
      case "call":
        return this.#call(gateway, open, record);
      case "hold":
        return answerHold(open, record.call, record.answer === "approved" || record.answer === "edited");
      case "result":
        return this.#result(gateway, open, record);
      case "operator":
        if (record.counter !== undefined) setCounter(this.#store, record.counter);
        return this.#turn(gateway, record.command);
      case "close":
        this.#open.delete(gateway);
        this.#off.delete(gateway);
    }
  }

  report(): ReplayReport {
    return {
      calls: this.#calls,
      flipped: this.#flips.count,
      flips: this.#flips.groups(),
      undecidable: this.#undecidable,
      outside: this.#outside,
      results: {
        judged: this.#judged,
        flipped: this.#resultFlips.count,
        flips: this.#resultFlips.groups(),
        undecidable: this.#unseen,
      },
    };
  }

  /** An operator turned a plugin off or on. */
  #turn(gateway: string, command: string): void {
    const [, what, name] = /^plugin (disable|enable) (\S+)$/.exec(command) ?? [];
    if (name === undefined) return;
    const off = this.#off.get(gateway) ?? new Set();
    if (what === "disable") off.add(name);
    else off.delete(name);
    this.#off.set(gateway, off);
  }

  /** What judged at a gateway: without the plugins that were off there. */
  #rulesetOf(gateway: string): Ruleset {
    const off = this.#off.get(gateway);
    if (off === undefined || off.size === 0) return this.#ruleset;
    const { policy, seats } = this.#ruleset;
    return { policy, seats: seats.filter(({ plugin }) => !off.has(plugin.name)) };
  }

  #openOf(gateway: string): Map<string, OpenCall> {
    const known = this.#open.get(gateway);
    if (known !== undefined) return known;
    const open = new Map<string, OpenCall>();
    this.#open.set(gateway, open);
    return open;
  }

  #call(gateway: string, open: Map<string, OpenCall>, record: CallRecord): void | Promise<void> {
    let entry = open.get(record.call);
    if (entry === undefined) {
      this.#calls++;
      entry = {
        reservation: null,
        approved: NOBODY,
        held: false,
        asked: [],
        outside: false,
        record: null,
        diverged: false,
        undecidable: false,
      };
      open.set(record.call, entry);
    }
    if (record.verdict === "deny") open.delete(record.call);
    entry.record = record;
    // As the gateway does between rounds: what the last one reserved is given back, and reserved anew.
    if (entry.diverged) return;
    const earlier = entry.reservation;
    entry.reservation = null;
    if (entry.outside) this.#outside--;
    entry.outside = isOutside(record);
    if (!entry.outside) return this.#decideAgain(gateway, entry, record, earlier);
    this.#outside++;
    // What could not be counted could not be given back either.
    if (earlier !== null && !record.uncounted) this.#store.refund(earlier);
  }

  #decideAgain(
    gateway: string,
    entry: OpenCall,
    record: CallRecord,
    earlier: Reservation | null,
  ): void | Promise<void> {
    const { call, watched } = this.#reader.read(record);
    const unknown = () => entry.undecidable || watched.looked();
    const terms: Terms = {
      ...PLAIN_TERMS,
      approved: entry.approved,
      final: entry.held,
      earlier,
      revise: (decision) => (unknown() ? { ...decision, increments: [] } : decision),
      unreachable: () => "uncounted",
    };
    const store = record.uncounted ? UNREACHABLE : this.#store;
    return soon(judgeCall(call, this.#rulesetOf(gateway), store, terms), (ruling) =>
      this.#compare(gateway, entry, record, ruling, unknown()),
    );
  }

  #compare(
    gateway: string,
    entry: OpenCall,
    record: CallRecord,
    { call, decision, reservation }: Ruling,
    unknown: boolean,
  ): void {
    const { policy } = this.#ruleset;
    if (unknown) {
      if (!entry.undecidable) this.#undecidable++;
      entry.undecidable = true;
      entry.reservation = this.#countAsRecorded(recordedAdds(record, call, policy), call);
      return;
    }
    // An operator let it through, so that it counted whatever was decided.
    const letThrough = byOperator(record) && decision.verdict !== "allow";
    entry.reservation = letThrough
      ? this.#countAsRecorded(recordedAdds(record, call, policy), call)
      : reservation;
    entry.asked = decision.ask?.rules ?? [];
    const from = verdictOf(record);
    const to = record.shadow ? whatItSays(decision) : decision.verdict;
    if (from === to) return;
    entry.diverged = true;
    // What is allowed now has no rule of its own to name.
    const { rule, message } = to === "allow" ? reasonOf(record) : decision;
    this.#flips.add({ gateway, record, from, to, rule, message });
  }

  /** The answer to a call that goes the same way now. */
  #judgeAnswer(gateway: string, entry: OpenCall, result: ResultRecord): void {
    const { record } = entry;
    if (record === null || result.resultHash === null || result.outcome === "input_required") return;
    const ruleset = this.#rulesetOf(gateway);
    const read = () => this.#reader.read(record);
    if (result.handed === null && !judgesResults(read().call, ruleset)) return;
    this.#judged++;
    const unseen = { record, result, read };
    const then = saidThen(unseen);
    const now = entry.undecidable ? null : saidNow(unseen, ruleset);
    if (now === null) this.#unseen++;
    if (now === null || now.verdict === then.verdict) return;
    const { rule, message } = now.verdict === "allow" ? then : now;
    this.#resultFlips.add({ gateway, record, from: then.verdict, to: now.verdict, rule, message });
  }

  #countAsRecorded(adds: readonly CounterNeed[], call: Call): Reservation | null {
    return this.#store.reserve(adds, call.time, () => ({ increments: adds })).reservation;
  }

  #result(gateway: string, open: Map<string, OpenCall>, record: ResultRecord): void {
    const { call, outcome } = record;
    const entry = open.get(call);
    if (entry !== undefined && !entry.diverged) this.#judgeAnswer(gateway, entry, record);
    // Each round is asked about anew.
    if (outcome !== "input_required") open.delete(call);
    else if (entry !== undefined) {
      entry.approved = NOBODY;
      entry.held = false;
    }
    const reservation = entry?.reservation ?? null;
    if (reservation === null) return;
    if (outcome === "error") this.#store.refund(reservation);
    if (outcome === "tool_error") {
      this.#store.refund(reservation, ({ refundOnError }) => refundOnError === true);
    }
  }
}

const NOBODY: ReadonlySet<string> = new Set();

function answerHold(open: Map<string, OpenCall>, call: string, approved: boolean): void {
  const entry = open.get(call);
  if (entry === undefined) return;
  if (!approved) return void open.delete(call);
  entry.approved = new Set([...entry.approved, ...entry.asked.map(ruleKey)]);
  entry.held = true;
}

/** A denial that is of no file's rule, or a call held because an operator wanted to see it. */
const isOutside = ({ verdict, rule }: CallRecord): boolean => verdict !== "allow" && rule?.line === 0;

/** What a decision comes to where nothing is blocked: what is enforced, or else what would be. */
function whatItSays({ verdict, would }: Decision): Verdict {
  return verdict === "allow" ? (would?.verdict ?? "allow") : verdict;
}
