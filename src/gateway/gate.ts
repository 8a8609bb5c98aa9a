import type { AuditLog } from "../audit/log.ts";
import type { Ruleset } from "../judging/ruleset.ts";
import type { Policy } from "../policy/compile/compile.ts";
import type { Store } from "../state/store.ts";
import type { Holds } from "./calls/holds.ts";
import type { Rounds } from "./calls/rounds.ts";
import type { Tasks } from "./calls/tasks.ts";
import type { Catalog } from "./catalog.ts";
import type { CallHistory } from "./history/history.ts";
import type { Operator } from "./operator/operator.ts";
import type { Session } from "./session.ts";
import type { Turn } from "./turn.ts";

/** Whose a frame or a line is: a session's, or with the id "" a server's that is shared by many agents. */
export type From = Pick<Session, "id" | "upstream">;

/** What every session of a gateway shares, and all that judging a call needs. */
export interface Gate {
  /** The policy and the plugins in force now. */
  ruleset(): Ruleset;
  /** The policy of these. */
  policy(): Policy;
  readonly store: Store;
  readonly audit: AuditLog;
  /** Makes what was reserved and recorded durable, before what it allows leaves. */
  readonly turn: Turn;
  readonly history: CallHistory;
  readonly rounds: Rounds;
  readonly tasks: Tasks;
  readonly holds: Holds;
  readonly operator: Operator;
  /** What is known of an upstream's tools. */
  catalog(upstream: string): Catalog;
  readonly sessions: Set<Session>;
  /** Whether everything is decided, counted and recorded, and nothing blocked. */
  readonly shadow: boolean;
  /** What becomes of calls that need counters which cannot be reached. */
  readonly stateFailMode: "closed" | "open";
  /** ms since the epoch. */
  clock(): number;
  /** A frame that went no further: counted, recorded and shown. `from` is null where it was of no server yet. */
  refused(from: From | null, side: "agent" | "upstream", reason: string): void;
  /** A line of a server that a person may want to read. */
  note(from: From, line: string): void;
  /** Tells people of something they may want to mend. */
  warn(text: string): void;
  /** Does what the call no longer depends on; a failure is shown, not thrown. */
  attempt(work: () => void): void;
}
