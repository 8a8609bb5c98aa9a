import { AuditLog } from "../audit/log.ts";
import type { RecordBody } from "../audit/record.ts";
import type { Event, GatewayView, UpstreamView, WhatIf } from "../control/protocol.ts";
import type { ControlServer } from "../control/server.ts";
import type { Ruleset } from "../judging/ruleset.ts";
import type { Policy } from "../policy/compile/compile.ts";
import { type Home, openHome } from "../state/home.ts";
import { openSqliteStore } from "../state/sqlite.ts";
import type { Store } from "../state/store.ts";
import { VERSION } from "../version.ts";
import type { Connect } from "../wire/upstream.ts";
import { AuditKeeper } from "./audit-keeper.ts";
import { Holds } from "./calls/holds.ts";
import { Rounds } from "./calls/rounds.ts";
import { Tasks } from "./calls/tasks.ts";
import { Catalog } from "./catalog.ts";
import { Drops } from "./drops.ts";
import type { From, Gate } from "./gate.ts";
import { CallHistory } from "./history/history.ts";
import { Recent } from "./history/recent.ts";
import { Operator } from "./operator/operator.ts";
import { Policies } from "./policies.ts";
import type { Session } from "./session.ts";
import { Turn } from "./turn.ts";

export interface GatewayOptions {
  readonly policies: readonly string[];
  /** Plugins that no policy names. */
  readonly plugins: readonly string[];
  readonly transport: "stdio" | "http";
  readonly upstreams: readonly { readonly name: string; readonly target: string }[];
  /** Whether nothing is blocked. */
  readonly shadow: boolean;
  /** How to reach an upstream for a session of the operator's own. */
  readonly reach: (upstream: string) => Connect;
  /** What becomes of calls that need counters which cannot be reached. */
  readonly stateFailMode: "closed" | "open";
  /** Days that audit logs are kept; null for ever. */
  readonly auditKeep: number | null;
}

/** Lines of the log that screens start with, and characters of each. */
const KEPT_LINES = 200;
const LINE_LENGTH = 2_000;

/** Something a person should read; goes to the screens and, from headless gateways, to stderr. */
export interface LogLine {
  readonly time: number;
  readonly level: "info" | "warn" | "error";
  readonly text: string;
}

/**
 * Everything a gateway process holds: policy, counters, audit log, sessions and the control socket. Made
 * whole or not at all: it throws before anything is relayed.
 */
export class Gateway implements Gate {
  readonly view: GatewayView;
  readonly history = new CallHistory();
  readonly rounds = new Rounds();
  readonly tasks = new Tasks();
  readonly holds = new Holds(() => this.clock());
  readonly operator: Operator;
  readonly sessions = new Set<Session>();
  /** What came of deciding the last calls again, after the last reload; null where there was none. */
  whatIf: WhatIf | null = null;
  /** The operator's own sessions. */
  readonly own = new Set<{ close(): Promise<void> }>();
  readonly reach: (upstream: string) => Connect;
  readonly store: Store;
  readonly audit: AuditLog;
  readonly turn: Turn;
  readonly policies: Policies;
  readonly stateFailMode: "closed" | "open";
  readonly home: Home;
  /** The last lines that a person should have read. */
  readonly lines = new Recent<LogLine>(KEPT_LINES);
  onLog: (line: LogLine) => void = () => {};
  #control: ControlServer | null = null;
  readonly #keeper: AuditKeeper;
  #publish: (event: Event | "policy") => void = () => {};
  readonly #servers = new Map<string, { readonly target: string; readonly drops: Drops }>();
  readonly #catalogs = new Map<string, Catalog>();
  #nextSession = 1;

  /** @throws PolicyError, HomeError, StoreError, AuditError: each says what to do */
  static async open(options: GatewayOptions): Promise<Gateway> {
    const tell: { log: Gateway["log"] } = { log: () => {} };
    const { policies, plugins } = options;
    const clock = () => Date.now();
    const opened = await Policies.open({
      policies,
      plugins,
      clock,
      log: (level, text) => tell.log(level, text),
    });
    try {
      const gateway = new Gateway(options, opened);
      tell.log = (level, text) => gateway.log(level, text);
      return gateway;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  private constructor(options: GatewayOptions, policies: Policies) {
    const startedAt = Date.now();
    const id = `${process.pid}-${startedAt.toString(36)}`;
    this.view = {
      id,
      pid: process.pid,
      version: VERSION,
      transport: options.transport,
      endpoints: [],
      startedAt,
      cwd: process.cwd(),
    };
    this.reach = options.reach;
    this.operator = new Operator(this.clock, (body) => this.record(body), options.shadow);
    this.#keeper = new AuditKeeper(this, options.auditKeep);
    this.stateFailMode = options.stateFailMode;
    for (const { name, target } of options.upstreams) this.#servers.set(name, { target, drops: new Drops() });
    this.policies = policies;
    this.home = openHome();
    this.store = openSqliteStore(this.home.stateFile);
    this.audit = new AuditLog(this.home.auditDir, id, VERSION, this.clock);
    this.turn = new Turn(this.store, this.audit, (error) => this.log("error", error.message));
  }

  clock = (): number => Date.now();

  ruleset(): Ruleset {
    return this.policies.current;
  }

  policy(): Policy {
    return this.policies.current.policy;
  }

  get shadow(): boolean {
    return this.operator.shadow;
  }

  get upstreams(): UpstreamView[] {
    return [...this.#servers].map(([name, { target, drops }]) => {
      const sessions = [...this.sessions].filter(({ upstream }) => upstream === name).length;
      return { name, target, sessions, dropped: drops.count };
    });
  }

  /** Follows policy files and opens the control socket: what relaying can start without. */
  async attend(): Promise<void> {
    const { policyRead, warnOfUngoverned } = await import("./reading.ts");
    warnOfUngoverned(this);
    const [{ ControlServer }, { GatewayControl }, { policyView }] = await Promise.all([
      import("../control/server.ts"),
      import("./views/control.ts"),
      import("./views/snapshot.ts"),
      this.policies.watch((before) => policyRead(this, before)),
    ]);
    const control = new ControlServer(new GatewayControl(this));
    await control.listen(this.home.runDir);
    this.#publish = (event) =>
      control.publish(event === "policy" ? { type: "policy", policy: policyView(this) } : event);
    this.#control = control;
    await this.#keeper.attend();
  }

  /** Tells the agents of those upstreams whose tools, as agents see them, are others now. */
  toolsChanged(of: (catalog: Catalog) => boolean): void {
    for (const session of this.sessions) if (of(this.catalog(session.upstream))) session.toolsChanged();
  }

  catalog(upstream: string): Catalog {
    let catalog = this.#catalogs.get(upstream);
    if (catalog === undefined) {
      catalog = new Catalog(upstream);
      this.#catalogs.set(upstream, catalog);
    }
    return catalog;
  }

  sessionId(): string {
    return `${this.view.id}-${this.#nextSession++}`;
  }

  refused(from: From | null, side: "agent" | "upstream", reason: string): void {
    const session = from?.id ?? "";
    const tell = (what: string) => (reason: string) => {
      this.record({ kind: "refused", session, side, reason });
      this.log("warn", `${what}: ${reason}`);
    };
    if (side === "agent") {
      this.history.totals.refused++;
      return tell("refused a frame")(reason);
    }
    this.#servers.get(from?.upstream ?? "")?.drops.drop(reason, tell("dropped a frame of the server"));
  }

  note(from: From, line: string): void {
    this.log("info", `${from.upstream}: ${line}`);
  }

  warn(text: string): void {
    this.log("warn", text);
  }

  attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.log("error", error instanceof Error ? error.message : String(error));
    }
  }

  /** Tells those who watch of something; "policy" of what decides now. */
  tellScreens(event: Event | "policy"): void {
    this.#publish(event);
  }

  /** Adds what no call waits for to the audit log. */
  record(body: RecordBody): void {
    this.attempt(() => this.audit.append(body));
    this.turn.later();
  }

  log(level: LogLine["level"], text: string): void {
    const shown = text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH)}…` : text;
    const line = { time: this.clock(), level, text: shown };
    this.lines.add(line);
    this.#publish({ type: "log", ...line });
    this.onLog(line);
  }

  /** Ends sessions, then closes what outlives them, in the order in which they depend on each other. */
  async close(reason: string): Promise<void> {
    await Promise.all([...this.own].map((session) => session.close()));
    for (const session of this.sessions) session.end(reason);
    await this.policies.close();
    await this.#control?.close();
    await this.#keeper.close();
    for (const { drops } of this.#servers.values()) drops.flush();
    this.attempt(() => this.audit.close(reason));
    this.attempt(() => this.store.close());
  }
}
