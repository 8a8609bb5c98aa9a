import { AuditError } from "../audit/audit-error.ts";
import { mask } from "../audit/mask.ts";
import type { Outcome, RecordBody } from "../audit/record.ts";
import { unmask } from "../audit/unmask.ts";
import { decide, needs } from "../policy/decide.ts";
import { ruleKey } from "../policy/judge.ts";
import type { Policy } from "../policy/plan.ts";
import type { Call, CounterNeed, Decision } from "../policy/types.ts";
import type { Reservation } from "../state/store.ts";
import { StoreError } from "../state/store-error.ts";
import { type Asked, inputRequired } from "../wire/call.ts";
import { isObject, type JsonObject } from "../wire/json.ts";
import type { Response } from "../wire/message.ts";
import type { Frame } from "../wire/upstream.ts";
import type { Gate } from "./gate.ts";
import type { CallEntry } from "./history.ts";
import { callRecord, resultRecord } from "./records.ts";
import { type HandedResult, judgeResult } from "./results.ts";

type HoldAnswer = Extract<RecordBody, { kind: "hold" }>["answer"];

/** A call's way from decision to settled result. */
export interface Judgement {
  /** Id of the call. */
  readonly id: string;
  readonly decision: Decision;
  /** What a person made of the arguments they were shown, with the secrets they were not shown put back. */
  restore(edited: JsonObject): JsonObject;
  /** A person said yes, to these arguments where they edited them: judges the call again. */
  approve(edited: JsonObject | null): Judgement;
  /** A person, or the lack of one, said no. Returns what the agent is told. */
  reject(answer: "denied" | "expired" | "cancelled", message: string): string;
  /** What was decided could not be made durable: takes an allowance back and returns what the agent is told. */
  revoke(reason: string): string;
  /** The request that it is a part of goes no further for another reason: takes an allowance or a hold back. */
  drop(reason: string): void;
  /** It is on its way to the server. */
  left(): void;
  /** What the agent is handed in place of the upstream's answer; null where it is handed just that. */
  handed(response: Response, text: string): string | null;
  /** The upstream answered; `frame` is what the agent was handed. */
  answered(response: Response, frame: Frame): void;
  /** The agent cancelled what the upstream has already been sent. */
  cancelled(): void;
  /** The upstream went away before it answered. */
  lost(): void;
}

/** A governed call as its session hands it over. */
export interface Submission {
  readonly call: Call;
  /** Size of its frame. */
  readonly bytes: number;
  readonly continues: Asked["continues"];
  /** What has become of it so far, where it was held. */
  readonly held?: { readonly entry: CallEntry; readonly approved: ReadonlySet<string> };
}

/** Judges a call: decides and reserves its counters in one step, then records it. */
export function judge(submission: Submission, gate: Gate): Judgement {
  const began = performance.now();
  const { call, bytes, continues, held } = submission;
  const policy = gate.policy();
  const earlier = continues === null ? null : gate.rounds.take(call, continues.state);
  // What the last round reserved is given back and reserved anew in one transaction: counted once.
  const before = earlier?.reservation ?? null;
  if (before !== null) gate.attempt(() => gate.store.refund(before));
  const { reservation, ...reserved } = reserve(call, policy, held?.approved ?? NOBODY, gate);
  const { decision } = reserved;
  const decided = { ...reserved, call, bytes, began, masked: mask(call.args) };
  const entry = gate.history.add(decided, earlier?.entry ?? held?.entry);
  let refused: Decision | null = null;
  let handed: HandedResult | null = null;
  try {
    entry.hash = gate.audit.append(callRecord(entry.id, decided, policy.hash, gate.shadow));
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    refused = revoke("not durable", error.message);
  }
  gate.turn.soon();

  function refund(which: (need: CounterNeed) => boolean = () => true): boolean {
    if (reservation?.entries.some(({ need }) => which(need)) !== true) return false;
    gate.attempt(() => gate.store.refund(reservation, which));
    gate.turn.soon();
    return true;
  }

  function revoke(name: string, reason: string): Decision {
    refund();
    const denial = unavailable(name, reason);
    gate.history.overrule(entry, denial);
    // The log may say already that it was allowed.
    const record = callRecord(entry.id, { ...decided, decision: denial }, policy.hash, gate.shadow);
    gate.attempt(() => gate.audit.append(record));
    return denial;
  }

  function settle(outcome: Outcome, frame: Frame | null): void {
    // Only the server itself can say that it did not act. A cancel or a crash proves nothing: giving back
    // then would let an agent spend without being counted.
    const refunded = (outcome === "error" && refund()) || (outcome === "tool_error" && refund(onError));
    gate.history.settle(entry, outcome, frame, gate.clock());
    gate.attempt(() => gate.audit.append(resultRecord(entry, outcome, frame, refunded, handed)));
    gate.turn.later();
  }

  function answerHold(answer: HoldAnswer, message: string): void {
    gate.attempt(() => gate.audit.append({ kind: "hold", call: entry.id, answer, message }));
    gate.turn.soon();
  }

  function reject(answer: HoldAnswer, message: string): string {
    answerHold(answer, message);
    return gate.history.overrule(entry, { ...decision, verdict: "deny", message, ask: null });
  }

  return {
    id: entry.id,
    decision: refused ?? decision,
    restore: (edited) => unmask(edited, decided.masked, call.args),
    approve(edited) {
      answerHold(edited === null ? "approved" : "edited", "");
      // An approval is for the policy that asked: under another one, its rules ask anew.
      const said = [...(held?.approved ?? NOBODY), ...(decision.ask?.rules.map(ruleKey) ?? [])];
      const approved = gate.policy().hash === policy.hash ? new Set(said) : NOBODY;
      const now = { ...call, args: edited ?? call.args, time: gate.clock() };
      return judge({ ...submission, call: now, continues: null, held: { entry, approved } }, gate);
    },
    reject,
    revoke: (reason) => revoke("not durable", reason).message,
    drop(reason) {
      const { verdict } = refused ?? decision;
      if (verdict === "allow") revoke("refused together", reason);
      if (verdict === "ask") reject("cancelled", reason);
    },
    left: () => entry.timing.left(),
    handed(response, text) {
      const result = judgeResult(call, response, text, gate);
      handed = result.judged;
      return result.frame;
    },
    answered(response, frame) {
      const round = inputRequired(response.result);
      if (round !== null) gate.rounds.wait(call, round.state, { entry, reservation });
      settle(outcomeOf(response), frame);
    },
    cancelled: () => settle("cancelled", null),
    lost: () => settle("lost", null),
  };
}

const onError = ({ refundOnError }: CounterNeed): boolean => refundOnError === true;
const NOBODY: ReadonlySet<string> = new Set();

interface Reserved {
  readonly decision: Decision;
  readonly reservation: Reservation | null;
  /** Micros by counter id, before the call. */
  readonly before: ReadonlyMap<string, bigint>;
  /** Decides again, alike. */
  readonly again: () => Decision;
  /** Whether the counters could not be reached and the call goes on all the same. */
  readonly uncounted: boolean;
}

/** Decides, and reserves what an allowed call adds, with nothing in between; a store that fails denies. */
function reserve(call: Call, policy: Policy, approved: ReadonlySet<string>, gate: Gate): Reserved {
  const denial = gate.operator.denial(call);
  const nothing = { before: new Map<string, bigint>(), reservation: null };
  if (denial !== null) return { ...nothing, decision: denial, again: () => denial, uncounted: false };
  const { shadow, operator } = gate;
  const byPolicy = (before: ReadonlyMap<string, bigint>) => {
    const decision = decide(call, policy, before, approved);
    return shadow ? unblocked(decision) : decision;
  };
  const decideOn = (before: ReadonlyMap<string, bigint>) => {
    const own = byPolicy(before);
    const decision = operator.amend(own, { call, policy, before, approved });
    // What an operator says now may not be what they say when the call is looked at.
    return { decision, again: decision === own ? () => byPolicy(before) : () => decision };
  };
  try {
    const { judged, reservation } = gate.store.reserve(needs(call, policy), call.time, (before) => {
      const { decision, again } = decideOn(before);
      return { decision, again, before, increments: decision.increments };
    });
    const { increments: _, ...reserved } = judged;
    return { ...reserved, reservation, uncounted: false };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (gate.stateFailMode === "closed") {
      const decision = unavailable("counters unavailable", error.message);
      return { ...nothing, decision, again: () => decision, uncounted: false };
    }
    gate.warn(`a call goes uncounted (--state-fail-mode open): ${error.message}`);
    const { decision, again } = decideOn(new Map(needs(call, policy).map(({ id }) => [id, 0n])));
    const uncounted = (one: Decision) => ({ ...one, increments: [] });
    return { ...nothing, decision: uncounted(decision), again: () => uncounted(again()), uncounted: true };
  }
}

/** What `--shadow` makes of a decision: the call goes on, and the record says what would have been. */
function unblocked(decision: Decision): Decision {
  const { verdict, rule, message } = decision;
  if (verdict === "allow" || rule === null) return decision;
  return {
    ...decision,
    verdict: "allow",
    rule: null,
    message: "",
    ask: null,
    would: { verdict, rule, message },
  };
}

function outcomeOf({ result, error }: Response): Outcome {
  if (error !== undefined) return "error";
  if (inputRequired(result) !== null) return "input_required";
  return isObject(result) && result.isError === true ? "tool_error" : "ok";
}

/** A denial that no rule of the policy names: the gate itself cannot do what an allowed call needs. */
function unavailable(name: string, message: string): Decision {
  const rule = { name, tool: "*", file: "callgate", line: 0 };
  const text = `The call is refused. ${message}`;
  return { verdict: "deny", rule, message: text, trace: [], increments: [], ask: null, would: null };
}
