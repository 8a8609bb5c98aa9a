import { AuditError } from "../audit/audit-error.ts";
import { mask } from "../audit/mask.ts";
import type { Outcome } from "../audit/record.ts";
import { decide, needs } from "../policy/decide.ts";
import type { Call, Decision } from "../policy/types.ts";
import type { Reservation } from "../state/store.ts";
import { StoreError } from "../state/store-error.ts";
import { isObject } from "../wire/json.ts";
import type { Response } from "../wire/message.ts";
import type { Frame } from "../wire/upstream.ts";
import type { Gate } from "./gate.ts";
import { callRecord, resultRecord } from "./records.ts";

/** A call's way from decision to settled result. */
export interface Judgement {
  /** What the agent is told; null where the call may go to the upstream. */
  readonly denied: string | null;
  /** The upstream answered. */
  answered(response: Response, frame: Frame): void;
  /** The agent cancelled what the upstream has already been sent. */
  cancelled(): void;
  /** The upstream went away before it answered. */
  lost(): void;
}

/**
 * Judges a call: decides and reserves its counters in one transaction, then records it. An allowed call is on
 * disk before it is on the wire; where either fails, the call is denied.
 *
 * @param bytes size of the call's frame
 */
export function judge(call: Call, bytes: number, gate: Gate): Judgement {
  const policy = gate.policy();
  const before = new Map<string, bigint>();
  let decision: Decision;
  let reservation: Reservation | null = null;
  try {
    ({ judged: decision, reservation } = gate.store.reserve(needs(call, policy), call.time, (values) => {
      for (const [id, value] of values) before.set(id, value);
      return decide(call, policy, values);
    }));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    decision = unavailable("counters unavailable", `Its counters cannot be kept: ${error.message}`);
  }
  const args = mask(call.args);
  const entry = gate.history.add(call, args, bytes, decision, before);
  try {
    entry.hash = gate.audit.append(callRecord(entry, args, bytes, policy.hash));
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    if (reservation !== null) gate.store.refund(reservation);
    reservation = null;
    gate.history.overrule(entry, unavailable("audit unavailable", `It cannot be recorded: ${error.message}`));
  }

  function settle(outcome: Outcome, frame: Frame | null): void {
    // Only the server itself can say that it did not act. A cancel or a crash proves nothing: giving back
    // then would let an agent spend without being counted.
    const refunded = outcome === "error" && reservation !== null;
    gate.history.settle(entry, outcome, frame, gate.clock());
    gate.attempt(() => {
      if (refunded && reservation !== null) gate.store.refund(reservation);
      gate.audit.append(resultRecord(entry, outcome, frame, refunded));
    });
  }

  return {
    denied: entry.decision.verdict === "allow" ? null : entry.decision.message,
    answered: (response, frame) => settle(outcomeOf(response), frame),
    cancelled: () => settle("cancelled", null),
    lost: () => settle("lost", null),
  };
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
