import { AuditError } from "../audit/audit-error.ts";
import { mask } from "../audit/mask.ts";
import type { Outcome } from "../audit/record.ts";
import { decide, needs } from "../policy/decide.ts";
import type { Policy } from "../policy/plan.ts";
import type { Call, Decision } from "../policy/types.ts";
import type { Reservation, Store } from "../state/store.ts";
import { StoreError } from "../state/store-error.ts";
import { isObject } from "../wire/json.ts";
import type { Response } from "../wire/message.ts";
import type { Frame } from "../wire/upstream.ts";
import type { Gate } from "./gate.ts";
import { callRecord, resultRecord } from "./records.ts";

/** A call's way from decision to settled result. */
export interface Judgement {
  /** What the agent is told; null where the call may go to the upstream, once this turn's work is durable. */
  readonly denied: string | null;
  /** What was decided could not be made durable: takes the allowance back and returns what the agent is told. */
  revoke(reason: string): string;
  /** The upstream answered. */
  answered(response: Response, frame: Frame): void;
  /** The agent cancelled what the upstream has already been sent. */
  cancelled(): void;
  /** The upstream went away before it answered. */
  lost(): void;
}

/**
 * Judges a call: decides and reserves its counters in one step, then records it.
 *
 * @param bytes size of the call's frame
 */
export function judge(call: Call, bytes: number, gate: Gate): Judgement {
  const policy = gate.policy();
  const { reservation, ...reserved } = reserve(call, policy, gate.store);
  const decided = { ...reserved, call, bytes, masked: mask(call.args) };
  const entry = gate.history.add(decided);
  try {
    entry.hash = gate.audit.append(callRecord(entry.id, decided, policy.hash));
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    revoke(error.message);
  }
  gate.turn.soon();

  function refund(): boolean {
    if (reservation === null) return false;
    gate.attempt(() => gate.store.refund(reservation));
    gate.turn.soon();
    return true;
  }

  function revoke(reason: string): string {
    refund();
    return gate.history.overrule(entry, unavailable("not durable", reason));
  }

  function settle(outcome: Outcome, frame: Frame | null): void {
    // Only the server itself can say that it did not act. A cancel or a crash proves nothing: giving back
    // then would let an agent spend without being counted.
    const refunded = outcome === "error" && refund();
    gate.history.settle(entry, outcome, frame, gate.clock());
    gate.attempt(() => gate.audit.append(resultRecord(entry, outcome, frame, refunded)));
    gate.turn.later();
  }

  return {
    denied: entry.verdict === "allow" ? null : entry.message,
    revoke,
    answered: (response, frame) => settle(outcomeOf(response), frame),
    cancelled: () => settle("cancelled", null),
    lost: () => settle("lost", null),
  };
}

interface Reserved {
  readonly decision: Decision;
  readonly reservation: Reservation | null;
  /** Micros by counter id, before the call. */
  readonly before: ReadonlyMap<string, bigint>;
  /** Decides again, alike. */
  readonly again: () => Decision;
}

/** Decides, and reserves what an allowed call adds, with nothing in between; a store that fails denies. */
function reserve(call: Call, policy: Policy, store: Store): Reserved {
  try {
    const { judged, reservation } = store.reserve(needs(call, policy), call.time, (before) => {
      const decision = decide(call, policy, before);
      return { decision, before, increments: decision.increments };
    });
    const { decision, before } = judged;
    return { decision, before, reservation, again: () => decide(call, policy, before) };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const decision = unavailable("counters unavailable", error.message);
    return { decision, before: new Map(), reservation: null, again: () => decision };
  }
}

function outcomeOf({ result, error }: Response): Outcome {
  if (error !== undefined) return "error";
  return isObject(result) && result.isError === true ? "tool_error" : "ok";
}

/** A denial that no rule of the policy names: the gate itself cannot do what an allowed call needs. */
function unavailable(name: string, message: string): Decision {
  const rule = { name, tool: "*", file: "callgate", line: 0 };
  return { verdict: "deny", rule, message: `The call is refused. ${message}`, trace: [], increments: [] };
}
