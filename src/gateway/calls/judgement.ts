import type { Outcome, RecordBody } from "../../audit/record.ts";
import { unmask } from "../../audit/unmask.ts";
import { type Ruling, unavailable } from "../../judging/rule.ts";
import type { Ruleset } from "../../judging/ruleset.ts";
import { soon } from "../../judging/soon.ts";
import { ruleKey } from "../../policy/judge.ts";
import type { Call, CounterNeed, Decision } from "../../policy/types.ts";
import { type Asked, inputRequired, taskIn } from "../../wire/call.ts";
import { isObject, type JsonObject } from "../../wire/json.ts";
import type { Response } from "../../wire/message.ts";
import type { Frame } from "../../wire/upstream.ts";
import type { Gate } from "../gate.ts";
import type { CallEntry } from "../history/history.ts";
import { resultRecord } from "./records.ts";
import { type Handing, handResult } from "./results.ts";

type HoldAnswer = Extract<RecordBody, { kind: "hold" }>["answer"];

/** A governed call as its session hands it over. */
export interface Submission {
  readonly call: Call;
  /** Size of its frame. */
  readonly bytes: number;
  readonly continues: Asked["continues"];
  /** Why it goes no further, where the agent takes it back while it is being judged; null while it is wanted. */
  withdrawn(): string | null;
  /** What has become of it so far, where it was held. */
  readonly held?: {
    readonly entry: CallEntry;
    readonly approved: ReadonlySet<string>;
    /** The call as the agent sent it. */
    readonly came: Call;
  };
}

/** A ruling and how it is remembered and recorded. */
export interface Ruled {
  readonly ruling: Ruling;
  readonly ruleset: Ruleset;
  readonly entry: CallEntry;
  /** Records the call as decided, or as decided otherwise after all. @throws AuditError */
  record(decision: Decision): string;
  /** The arguments that a person is shown: without their secrets. */
  readonly masked: JsonObject;
  /** What judging it would come to: nothing is counted, recorded or remembered. */
  rehearse(submission: Submission): Ruling | Promise<Ruling>;
  /** What is recorded of a message, which may quote arguments. */
  said(message: string): string;
  /** Judges the call once more, under what rules and plugins say by then. */
  again(submission: Submission): Judgement | Promise<Judgement>;
}

/** A call's way from decision to settled result. */
export interface Judgement {
  /** Id of the call. */
  readonly id: string;
  readonly decision: Decision;
  /** The arguments to go on with, where plugins changed those that came; else null. */
  readonly edited: JsonObject | null;
  /** What a person made of the arguments they were shown, with the secrets they were not shown put back. */
  restore(edited: JsonObject): JsonObject;
  /** A person said yes, to these arguments where they edited them: judges the call again. */
  approve(edited: JsonObject | null, withdrawn: Submission["withdrawn"]): Judgement | Promise<Judgement>;
  /** What would become of it if a person approved of these arguments. */
  rehearse(edited: JsonObject): Ruling | Promise<Ruling>;
  /** A person, or the lack of one, said no. Returns what the agent is told. */
  reject(answer: "denied" | "expired" | "cancelled", message: string): string;
  /** What was decided could not be made durable: takes an allowance back and returns what the agent is told. */
  revoke(reason: string): string;
  /** The request that it is a part of goes no further for another reason: takes an allowance or a hold back. */
  drop(reason: string): void;
  /** It is on its way to the server. */
  left(): void;
  /** What the agent is handed in place of the upstream's answer; null where it is handed just that. */
  handed(response: Response, text: string): string | null | Promise<string | null>;
  /** The upstream answered; `frame` is what the agent was handed. */
  answered(response: Response, frame: Frame): void;
  /** The agent cancelled what the upstream has already been sent. */
  cancelled(): void;
  /** The upstream went away before it answered. */
  lost(): void;
}

/** @param failure why the ruling could not be recorded, which takes it back; null where it was */
export function judgementOn(
  { ruling, ruleset, entry, record, masked, said, rehearse, again }: Ruled,
  submission: Submission,
  failure: string | null,
  gate: Gate,
): Judgement {
  const { call, decision, reservation } = ruling;
  const { held } = submission;
  let handed: Pick<Handing, "judged" | "plugins"> | null = null;
  /** Size of the answer as it came. */
  let bytes: number | null = null;
  const refused = failure === null ? null : revoke("not durable", failure);

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
    gate.attempt(() => record(denial));
    return denial;
  }

  function settle(outcome: Outcome, frame: Frame | null): void {
    // Only the server itself can say that it did not act. A cancel or a crash proves nothing: giving back
    // then would let an agent spend without being counted.
    const refunded = (outcome === "error" && refund()) || (outcome === "tool_error" && refund(onError));
    gate.history.settle(entry, outcome, frame, gate.clock());
    const answer = frame === null ? null : { frame, bytes, handed };
    gate.attempt(() => gate.audit.append(resultRecord(entry, outcome, refunded, answer)));
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

  /** The call as a person approves of it. An approval is for the rules and plugins that asked: others ask anew. */
  function approvedAs(edited: JsonObject | null, withdrawn: Submission["withdrawn"]): Submission {
    const said = [...(held?.approved ?? []), ...(decision.ask?.rules.map(ruleKey) ?? [])];
    const approved = new Set(gate.ruleset() === ruleset ? said : []);
    const now = { ...call, args: edited ?? call.args, time: gate.clock() };
    const came = held?.came ?? submission.call;
    return { ...submission, call: now, continues: null, withdrawn, held: { entry, approved, came } };
  }

  return {
    id: entry.id,
    decision: refused ?? decision,
    edited: ruling.edited ? call.args : null,
    restore: (edited) => unmask(edited, masked, call.args),
    approve(edited, withdrawn) {
      answerHold(edited === null ? "approved" : "edited", "");
      return again(approvedAs(edited, withdrawn));
    },
    rehearse: (edited) => rehearse(approvedAs(edited, () => null)),
    reject,
    revoke: (reason) => revoke("not durable", reason).message,
    drop(reason) {
      const { verdict } = refused ?? decision;
      if (verdict === "allow") revoke("refused together", reason);
      if (verdict === "ask") reject("cancelled", reason);
    },
    left: () => entry.timing.left(),
    handed(response, text) {
      bytes = Buffer.byteLength(text);
      return soon(handResult(call, response, text, gate), ({ judged, plugins, frame }) => {
        handed = {
          judged: judged === null ? null : { ...judged, message: said(judged.message) },
          plugins,
        };
        return frame;
      });
    },
    answered(response, frame) {
      const round = inputRequired(response.result);
      // The agent will send what it sent, whatever was made of it.
      if (round !== null)
        gate.rounds.wait(held?.came ?? submission.call, round.state, { entry, reservation });
      const task = taskIn(response.result);
      if (task !== null) gate.tasks.began(task, { id: entry.id, call }, submission.bytes);
      settle(outcomeOf(response), frame);
    },
    cancelled: () => settle("cancelled", null),
    lost: () => settle("lost", null),
  };
}

const onError = ({ refundOnError }: CounterNeed): boolean => refundOnError === true;

function outcomeOf({ result, error }: Response): Outcome {
  if (error !== undefined) return "error";
  if (inputRequired(result) !== null) return "input_required";
  return isObject(result) && result.isError === true ? "tool_error" : "ok";
}
