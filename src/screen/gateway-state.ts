import type {
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
import { PastTally } from "./past-tally.ts";
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
  /** What is counted of it where the log tells all there is to know. */
  readonly tally = new PastTally();
  /** Whether it has told how things stand. */
  heard = false;
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
    this.heard = true;
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
