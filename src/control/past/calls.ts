/** Records of the audit log as the calls that they are of. */
import type { AuditRecord, RecordKind } from "../../audit/record.ts";
import { recordIn } from "../../audit/record-in.ts";
import { classesOf } from "../../policy/tools/classes.ts";
import { ARGUMENTS_PREVIEW, type CallView } from "../protocol.ts";

export type CallRecord = Extract<AuditRecord, { kind: "call" }>;
/** What a call's state is read from. */
export type Said = Extract<AuditRecord, { kind: "call" | "hold" | "result" }>;

const SAID: ReadonlySet<RecordKind> = new Set(["call", "hold", "result"]);

/** A line of a log; null where it is none of what is said of calls, or no record at all. */
export function saidIn(line: string): Said | null {
  const record = recordIn(line);
  return record !== null && isSaid(record) ? record : null;
}

export function isSaid(record: AuditRecord): record is Said {
  return SAID.has(record.kind);
}

/** One gateway's calls, put together from what its log says of them, in the order in which it says it. */
export class PastCalls {
  readonly #calls = new Map<string, CallView>();
  readonly #most: number;
  /** Calls that were let go of. */
  left = 0;

  /** @param most how many are kept, the latest */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** Returns whether it is of a call that is known now. */
  take(said: Said): boolean {
    const { kind, call: id } = said;
    const had = this.#calls.get(id);
    if (kind === "call") {
      // A later round, or a call that was approved: it is the same call.
      this.#calls.set(id, { ...viewOf(said), time: had?.time ?? said.arrived });
      if (this.#calls.size > this.#most) this.#forgetOldest();
      return true;
    }
    if (had === undefined) return false;
    if (kind === "result") this.#calls.set(id, { ...had, outcome: said.outcome, ms: said.ms });
    else if (said.answer !== "approved" && said.answer !== "edited")
      this.#calls.set(id, {
        ...had,
        verdict: "deny",
        message: said.message,
        outcome: "denied",
        ms: since(had, said),
      });
    return true;
  }

  /** In the order in which they came. */
  all(): CallView[] {
    return [...this.#calls.values()];
  }

  #forgetOldest(): void {
    this.left++;
    for (const id of this.#calls.keys()) return void this.#calls.delete(id);
  }
}

/** ms from a call to what was said of it. */
const since = ({ time }: CallView, said: Said): number => Math.max(0, Date.parse(said.time) - time);

function viewOf(record: CallRecord): CallView {
  const { call, agent, session, upstream, tool, target, annotations, verdict, rule, message, would } = record;
  const text = JSON.stringify(record.edited ?? record.arguments);
  const denied = verdict === "deny";
  return {
    id: call,
    time: record.arrived,
    agent,
    session,
    upstream,
    tool,
    // As servers say, or names: what the policy of then said of it is not recorded.
    classes: target === "tool" ? [...classesOf(tool, annotations)] : [],
    arguments: text.length > ARGUMENTS_PREVIEW ? `${text.slice(0, ARGUMENTS_PREVIEW)}…` : text,
    verdict,
    rule,
    message,
    // Of a rule that was not enforced only the name is recorded.
    would: would && { ...would, rule: { name: would.rule, tool: "", file: "", line: 0 } },
    outcome: denied ? "denied" : null,
    ms: denied ? 0 : null,
  };
}
