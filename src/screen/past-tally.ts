import type {
  CallView,
  DenialView,
  SessionView,
  ToolView,
  Totals,
  UpstreamView,
} from "../control/protocol.ts";
import type { GatewayState } from "./gateway-state.ts";

/** Longest tables kept: of tools, of sessions, of rules. */
const MOST = 500;

type Tool = ToolView & { readonly took: number[] };

/** What a gateway that can no longer be asked did, counted from the calls of its log. */
export class PastTally {
  readonly #totals: Totals = { calls: 0, allowed: 0, denied: 0, held: 0, failed: 0, refused: 0 };
  readonly #upstreams = new Map<string, UpstreamView>();
  readonly #tools = new Map<string, Tool>();
  readonly #sessions = new Map<string, SessionView>();
  readonly #denials = new Map<string, DenialView>();

  add(call: CallView): void {
    const { upstream, verdict, outcome } = call;
    this.#totals.calls++;
    if (verdict === "allow") this.#totals.allowed++;
    if (verdict === "deny") this.#totals.denied++;
    if (outcome === "error" || outcome === "cancelled" || outcome === "lost") this.#totals.failed++;
    within(this.#upstreams, upstream, () => ({ name: upstream, target: "", sessions: 0, dropped: 0 }));
    this.#addTool(call);
    this.#addSession(call);
    this.#addDenial(call);
  }

  /** Shows what has been counted so far. */
  showIn(state: GatewayState): void {
    state.totals = { ...this.#totals };
    state.upstreams = [...this.#upstreams.values()];
    state.sessions = [...this.#sessions.values()].map((session) => ({ ...session }));
    state.denials = [...this.#denials.values()].map((denial) => ({ ...denial }));
    state.tools = [...this.#tools.values()].map(({ took, ...tool }) => {
      const sorted = took.toSorted((a, b) => a - b);
      return { ...tool, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
    });
  }

  #addTool({ upstream, tool: name, verdict, outcome, ms, time }: CallView): void {
    const tool = within(this.#tools, `${upstream}\n${name}`, () => ({
      upstream,
      name,
      classes: [],
      hidden: false,
      listed: true, // The log does not say otherwise.
      ...NO_CALLS,
      errors: 0,
      p50: null,
      p99: null,
      took: [],
    }));
    if (tool === null) return;
    countIn(tool, verdict, time);
    if (verdict !== "allow") return;
    if (outcome !== "ok" && outcome !== "input_required") tool.errors++;
    if (ms !== null) tool.took.push(ms);
  }

  #addSession({ session: id, agent, upstream, verdict, time }: CallView): void {
    const session = within(this.#sessions, `${id}\n${agent}\n${upstream}`, () => ({
      id,
      agent,
      upstream,
      era: "legacy" as const, // Not recorded, and of no matter any more.
      since: time,
      open: false,
      ...NO_CALLS,
    }));
    if (session === null) return;
    countIn(session, verdict, time);
    session.since = Math.min(session.since, time);
  }

  #addDenial({ verdict, rule, time, message }: CallView): void {
    if (verdict !== "deny" || rule === null) return;
    const key = `${rule.file}\n${rule.tool}\n${rule.name}`;
    const none = () => ({ rule, count: 0, lastTime: 0, lastMessage: "" });
    const denial = within(this.#denials, key, none);
    if (denial === null) return;
    denial.count++;
    if (time >= denial.lastTime) Object.assign(denial, { lastTime: time, lastMessage: message });
  }
}

const NO_CALLS = { calls: 0, denied: 0, lastTime: null };

type Counted = { calls: number; denied: number; lastTime: number | null };

function countIn(row: Counted, verdict: CallView["verdict"], time: number): void {
  row.calls++;
  if (verdict === "deny") row.denied++;
  row.lastTime = Math.max(row.lastTime ?? time, time);
}

/** The row of a key, made where there is none; null where there are too many. */
function within<T>(rows: Map<string, T>, key: string, make: () => T): T | null {
  const had = rows.get(key);
  if (had !== undefined) return had;
  if (rows.size >= MOST) return null;
  const made = make();
  rows.set(key, made);
  return made;
}

function percentile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
}
