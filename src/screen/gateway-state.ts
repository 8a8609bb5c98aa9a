import type {
  CallView,
  CounterView,
  DenialView,
  Event,
  GatewayView,
  HoldView,
  OperatorView,
  PolicyView,
  SessionView,
  Snapshot,
  ToolView,
  Totals,
  UpstreamView,
  WhatIf,
} from "../control/protocol.ts";
import { Rate } from "./rate.ts";

/** A gateway that was attached to, or one that only the audit log tells of. */
export type WatchedGateway = Omit<GatewayView, "transport"> & {
  readonly transport: GatewayView["transport"] | "log";
};

/** What the id of a gateway says of it: `<pid>-<start time in base 36>`. */
export function pastGateway(id: string): WatchedGateway {
  const [pid = "", start = ""] = id.split("-");
  return {
    id,
    pid: Number(pid) || 0,
    version: "",
    transport: "log",
    endpoints: [],
    startedAt: Number.parseInt(start, 36) || 0,
    cwd: "",
  };
}

const sameRule = (a: DenialView["rule"], b: DenialView["rule"]): boolean =>
  a.name === b.name && a.tool === b.tool && a.file === b.file;

/** What one gateway last said of itself; its calls are in the model, in one stream with the others'. */
export class GatewayState {
  view: WatchedGateway;
  policy: PolicyView = {
    files: [],
    hash: "",
    loadedAt: 0,
    reloads: 0,
    rules: 0,
    problems: [],
    history: [],
    plugins: [],
  };
  upstreams: UpstreamView[] = [];
  tools: ToolView[] = [];
  sessions: SessionView[] = [];
  totals: Totals = { calls: 0, allowed: 0, denied: 0, held: 0, failed: 0, refused: 0 };
  counters: CounterView[] = [];
  /** When it last reported counters: of two gateways on one state, the later word holds. */
  countersAt = 0;
  denials: DenialView[] = [];
  holds: HoldView[] = [];
  operator: OperatorView = { killed: null, shadow: false, blocks: [], allows: [], holds: [], plugins: [] };
  /** What came of the last reload. */
  whatIf: WhatIf | null = null;
  readonly rate = new Rate();
  /** When it ended; null while it runs. */
  endedAt: number | null = null;

  constructor(view: WatchedGateway) {
    this.view = view;
  }

  /** Nothing but what the audit log has of it is known. */
  get past(): boolean {
    return this.view.transport === "log";
  }

  /** What a person calls it: its upstreams' names. */
  get name(): string {
    return this.upstreams.map((upstream) => upstream.name).join(", ") || `gateway ${this.view.pid}`;
  }

  replace(snapshot: Snapshot, now: number): void {
    this.policy = snapshot.policy;
    this.upstreams = snapshot.upstreams;
    this.tools = snapshot.tools;
    this.sessions = snapshot.sessions;
    this.totals = snapshot.totals;
    this.counters = snapshot.counters;
    this.countersAt = now;
    this.denials = snapshot.denials;
    this.holds = snapshot.holds;
    this.operator = snapshot.operator;
    this.whatIf = snapshot.whatIf;
    this.rate.reset(snapshot.rate, now);
  }

  /** Adds a call of the log to what is known of a gateway that can no longer be asked. */
  count({ upstream, verdict, outcome, rule, time, message }: CallView): void {
    this.totals = { ...this.totals, calls: this.totals.calls + 1 };
    if (verdict === "allow") this.totals.allowed++;
    if (verdict === "deny") this.totals.denied++;
    if (outcome === "error" || outcome === "cancelled" || outcome === "lost") this.totals.failed++;
    if (!this.upstreams.some(({ name }) => name === upstream))
      this.upstreams = [...this.upstreams, { name: upstream, target: "", sessions: 0, dropped: 0 }];
    if (verdict !== "deny" || rule === null) return;
    const had = this.denials.find((each) => sameRule(each.rule, rule));
    if (had === undefined)
      this.denials = [...this.denials, { rule, count: 1, lastTime: time, lastMessage: message }];
    else if (time > had.lastTime) Object.assign(had, { lastTime: time, lastMessage: message });
    if (had !== undefined) had.count++;
  }

  /** Takes every event but `call` and `log`, which belong to the model. */
  apply(event: Event, now: number): void {
    switch (event.type) {
      case "counters":
        this.counters = event.counters;
        this.countersAt = now;
        break;
      case "denials":
        this.denials = event.denials;
        break;
      case "holds":
        this.holds = event.holds;
        break;
      case "operator":
        this.operator = event.operator;
        break;
      case "whatIf":
        this.whatIf = event.whatIf;
        break;
      case "policy":
        this.policy = event.policy;
        break;
      case "upstreams":
        this.upstreams = event.upstreams;
        break;
      case "tools":
        this.tools = event.tools;
        break;
      case "sessions":
        this.sessions = event.sessions;
        break;
      case "totals":
        this.totals = event.totals;
        break;
    }
  }
}
