import type { Outcome } from "../../audit/record.ts";
import type { Call } from "../../policy/types.ts";
import { Latency } from "./latency.ts";
import { Latest } from "./latest.ts";

/** Tools counted at a time: an agent that invents names does not fill the memory. */
const KEPT = 1_000;
const ERRORS: ReadonlySet<Outcome> = new Set(["tool_error", "error", "lost"]);

/** What became of the calls of one tool. */
export interface ToolTally {
  readonly upstream: string;
  readonly tool: string;
  calls: number;
  denied: number;
  /** Calls that the tool or the server answered with an error, or never. */
  errors: number;
  /** ms since the epoch. */
  lastTime: number;
  /** How long the server took. */
  readonly latency: Latency;
}

/** Counts by tool. */
export class ToolTallies {
  readonly #tallies = new Latest<ToolTally>(KEPT);

  called({ upstream, tool, time }: Omit<Call, "args">): ToolTally {
    const tally = this.#tallies.use(`${upstream}\n${tool}`, () => ({
      upstream,
      tool,
      calls: 0,
      denied: 0,
      errors: 0,
      lastTime: time,
      latency: new Latency(),
    }));
    tally.calls++;
    tally.lastTime = time;
    return tally;
  }

  /** Used last, last. */
  list(): ToolTally[] {
    return this.#tallies.list();
  }
}

/** @param serverMs null where the server gave no answer */
export function settled(tally: ToolTally, outcome: Outcome, serverMs: number | null): void {
  if (ERRORS.has(outcome)) tally.errors++;
  if (serverMs !== null) tally.latency.add(serverMs);
}
