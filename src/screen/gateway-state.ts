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
} from "../control/protocol.ts";
import { Rate } from "./rate.ts";

/** What one gateway last said of itself; its calls are in the model, in one stream with the others'. */
export class GatewayState {
  readonly view: GatewayView;
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
  operator: OperatorView = { killed: null, shadow: false, blocks: [], allows: [], holds: [] };
  readonly rate = new Rate();
  /** When it ended; null while it runs. */
  endedAt: number | null = null;

  constructor(view: GatewayView) {
    this.view = view;
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
