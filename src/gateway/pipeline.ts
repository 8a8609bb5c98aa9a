import { AuditError } from "../audit/audit-error.ts";
import { mask } from "../audit/mask.ts";
import { judgeCall } from "../judging/judge-call.ts";
import { lookingAt } from "../judging/rehearsing.ts";
import { type Ruling, type Terms, unavailable } from "../judging/rule.ts";
import type { Ruleset } from "../judging/ruleset.ts";
import { soon } from "../judging/soon.ts";
import type { Call, Decision } from "../policy/types.ts";
import type { Reservation } from "../state/store.ts";
import { CounterFull } from "../state/store-error.ts";
import { type Judgement, judgementOn, type Ruled, type Submission } from "./calls/judgement.ts";
import { callRecord, messageKept } from "./calls/records.ts";
import type { Gate } from "./gate.ts";
import { factsOf } from "./history/facts.ts";
import type { CallEntry } from "./history/history.ts";

/**
 * Judges a call: decides and reserves its counters in one step, then records it. At once, unless plugins have to be
 * asked.
 */
export function judge(submission: Submission, gate: Gate): Judgement | Promise<Judgement> {
  const began = performance.now();
  const { call, continues, held } = submission;
  const ruleset = gate.ruleset();
  const earlier = continues === null ? null : gate.rounds.take(call, continues.state);
  const terms = termsOf(submission, earlier?.reservation ?? null, gate);
  return soon(judgeCall(call, ruleset, gate.store, terms), (judged) => {
    // Where nothing is enforced, nothing is edited.
    const ruling = judged.edited && gate.shadow ? { ...judged, call, edited: false } : judged;
    const ruled = remember({ submission, ruling, ruleset, began }, earlier?.entry ?? held?.entry, gate);
    let failure: string | null = null;
    try {
      ruled.entry.hash = ruled.record(ruling.decision);
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      failure = error.message;
    }
    gate.turn.soon();
    return judgementOn(ruled, submission, failure, gate);
  });
}

const NOBODY: ReadonlySet<string> = new Set();

/** What a call is judged under now. */
export function termsOf({ call, withdrawn, held }: Asking, earlier: Reservation | null, gate: Gate): Terms {
  const { shadow, operator } = gate;
  return {
    approved: held?.approved ?? NOBODY,
    final: held !== undefined,
    earlier,
    overrule() {
      const reason = withdrawn();
      return reason === null ? operator.denial(call) : unavailable("withdrawn", reason);
    },
    revise: (decision) => (shadow ? unblocked(decision) : decision),
    amend: (decision, grounds) => operator.amend(decision, grounds),
    unreachable(error) {
      if (gate.stateFailMode === "closed" || error instanceof CounterFull) return "deny";
      gate.warn(`a call goes uncounted (--state-fail-mode open): ${error.message}`);
      return "uncounted";
    },
  };
}

type Asking = Pick<Submission, "call" | "withdrawn" | "held">;

interface Judged {
  readonly submission: Submission;
  readonly ruling: Ruling;
  readonly ruleset: Ruleset;
  /** In ms of `performance.now()`. */
  readonly began: number;
}

function remember(
  { submission: { call: came, bytes, held }, ruling, ruleset, began }: Judged,
  known: CallEntry | undefined,
  gate: Gate,
): Ruled {
  const masked = mask(ruling.call.args);
  const facts = factsOf(came, ruling, held?.approved ?? NOBODY);
  const decided = {
    ...ruling,
    facts,
    classes: isTool(came) ? ruleset.policy.plan(came).classes : [],
    bytes,
    began,
    masked,
    came: ruling.edited ? { args: came.args, masked: mask(came.args) } : null,
  };
  const entry = gate.history.add(decided, known);
  const { policy } = ruleset;
  const record = (decision: Decision) =>
    gate.audit.append(callRecord(entry.id, { ...decided, decision }, policy, gate.shadow));
  const { args, upstream } = ruling.call;
  const said = (message: string) => messageKept(message, { args, masked }, policy.recording(upstream));
  const rehearse = (next: Submission) =>
    judgeCall(next.call, gate.ruleset(), lookingAt(gate.store), termsOf(next, null, gate));
  return { ruling, ruleset, entry, record, masked, said, rehearse, again: (next) => judge(next, gate) };
}

const isTool = ({ kind }: Call): boolean => kind === undefined || kind === "tool";

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
