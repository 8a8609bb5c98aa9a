/** A gateway that judges nothing: a real unix socket speaking the control protocol, for the screen's tests. */
import { createServer, type Server, type Socket } from "node:net";
import {
  type CallDetail,
  type CallView,
  type CounterView,
  clientMessage,
  type DenialView,
  type Event,
  type GatewayView,
  type HoldView,
  type LogView,
  type PolicyView,
  PROTOCOL_VERSION,
  type ServerMessage,
  type SessionView,
  type Snapshot,
  type ToolView,
  type Totals,
} from "../../src/control/protocol.ts";

const MAX = { name: "max single charge", tool: "create_charge", file: "policies/payments.yaml", line: 7 };
const SPEND = { name: "daily spend cap", tool: "create_charge", file: "policies/payments.yaml", line: 13 };
const TOOLS = ["create_charge", "list_charges", "get_balance", "create_refund"];

export class FakeGateway {
  readonly view: GatewayView;
  policy: PolicyView;
  calls: CallView[] = [];
  totals: Totals = { calls: 0, allowed: 0, denied: 0, held: 0, failed: 0, refused: 0 };
  counters: CounterView[];
  denials: DenialView[] = [];
  holds: HoldView[] = [];
  tools: ToolView[];
  sessions: SessionView[];
  log: LogView[];
  readonly received: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #seq = 0;

  constructor(name = "payments", options: Partial<GatewayView> = {}) {
    const now = Date.now();
    this.view = {
      id: `${process.pid}-${name}`,
      pid: 4242,
      version: "0.1.0",
      transport: "http",
      endpoints: ["http://127.0.0.1:4711/mcp"],
      startedAt: now - 60_000,
      cwd: "/home/ada/shop",
      ...options,
    };
    this.name = name;
    this.policy = {
      files: ["policies/payments.yaml"],
      hash: "c0ffee",
      loadedAt: now - 12_000,
      reloads: 2,
      rules: 5,
      problems: [],
      history: [
        { time: now - 60_000, ok: true, hash: "beef", rules: 4, problem: "" },
        { time: now - 12_000, ok: true, hash: "c0ffee", rules: 5, problem: "" },
      ],
      plugins: [],
    };
    this.counters = [
      this.counter("create_charge", "daily_spend", "650000", "1000000", 0.65),
      this.counter("_global", "pace", "57", "60", 0.95, "minute", 23_000),
      this.counter("create_refund", "refunds", "3", "3", 1),
      this.counter("list_charges", "seen", "1204", null, null),
    ];
    this.tools = [
      this.tool("create_charge", "financial", 40, 4.2),
      this.tool("list_charges", "read", 25, 2.1),
      { ...this.tool("delete_customer", "destructive", 0, null), hidden: true },
    ];
    this.sessions = [
      {
        id: "s1",
        agent: "demo-agent",
        upstream: name,
        era: "legacy",
        since: now - 50_000,
        open: true,
        calls: 65,
        denied: 9,
        lastTime: now - 1_000,
      },
    ];
    this.log = [
      { time: now - 12_000, level: "info", text: "policy reloaded: 5 rules" },
      { time: now - 3_000, level: "warn", text: "dropped a frame of the server: not a JSON-RPC message" },
    ];
    this.#server = createServer((socket) => this.#accept(socket));
  }

  readonly name: string;

  listen(path: string): Promise<void> {
    return new Promise((resolve) => this.#server.listen(path, resolve));
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** One settled call; every seventh is denied. */
  call(over: Partial<CallView> = {}): CallView {
    const n = ++this.totals.calls;
    const denied = over.verdict ? over.verdict === "deny" : n % 7 === 0;
    const tool = denied ? "create_charge" : (TOOLS[n % TOOLS.length] ?? "");
    const rule = n % 14 === 0 ? SPEND : MAX;
    const call: CallView = {
      id: String(n),
      time: Date.now(),
      agent: "demo-agent",
      session: "s1",
      upstream: this.name,
      tool,
      classes: ["write"],
      arguments: ARGUMENTS[tool]?.(n, denied) ?? "{}",
      verdict: denied ? "deny" : "allow",
      rule: denied ? rule : null,
      would: null,
      message: denied
        ? rule === MAX
          ? "Single charge cannot exceed $500.00"
          : "Daily spending cap of $10,000.00 reached"
        : "",
      outcome: denied ? "denied" : n % 29 === 0 ? "tool_error" : "ok",
      ms: denied ? 0.3 : 4 + ((n * 37) % 90),
      ...over,
    };
    if (denied) {
      this.totals.denied++;
      const had = this.denials.find((denial) => denial.rule === rule);
      if (had) {
        had.count++;
        had.lastTime = call.time;
      } else this.denials.push({ rule, count: 1, lastTime: call.time, lastMessage: call.message });
    } else this.totals.allowed++;
    this.calls.push(call);
    if (this.calls.length > 500) this.calls.shift();
    return call;
  }

  /** A call that waits for a person. */
  hold(over: Partial<CallView> = {}, ms = 120_000): HoldView {
    const ask = {
      name: "a person looks at big ones",
      tool: "create_charge",
      file: "policies/payments.yaml",
      line: 17,
    };
    const message = `Rule "${ask.name}" asks for a person's approval`;
    const text = JSON.stringify({ amount: 25_000 + this.holds.length, currency: "usd", customer: "cus_9" });
    const asks = { tool: "create_charge", arguments: text, verdict: "ask", rule: ask, message } as const;
    const call = this.call({ ...asks, outcome: null, ms: null, ...over });
    const hold = { id: call.id, since: call.time, deadline: call.time + ms, rules: [ask], message };
    this.holds = [...this.holds, hold];
    this.send({ type: "call", call }, { type: "holds", holds: this.holds });
    return hold;
  }

  /** Makes `n` calls and publishes them as one message, as a gateway batches them. */
  publish(n: number, over: Partial<CallView> = {}): void {
    const events: Event[] = Array.from({ length: n }, () => ({ type: "call", call: this.call(over) }));
    this.send(
      ...events,
      { type: "totals", totals: this.totals },
      { type: "denials", denials: this.denials },
      { type: "counters", counters: this.counters },
    );
  }

  send(...events: Event[]): void {
    this.#write({ type: "events", seq: ++this.#seq, events });
  }

  /** A line as it is, for what no gateway would send. */
  raw(line: string): void {
    for (const socket of this.#sockets) socket.write(line);
  }

  break(): void {
    const problem = {
      file: "policies/payments.yaml",
      line: 14,
      col: 15,
      message: 'unknown operator "lessthan"',
    };
    const help = 'one of eq, neq, in, not_in, lt, lte, gt, gte, regex, contains, exists. Did you mean "lt"?';
    this.policy = { ...this.policy, problems: [{ ...problem, help }] };
    this.send({ type: "policy", policy: this.policy });
  }

  detail(call: CallView): CallDetail {
    const deny = call.verdict === "deny";
    return {
      call,
      arguments: JSON.stringify(JSON.parse(call.arguments), null, 2),
      trace: [
        {
          rule: MAX,
          outcome: deny ? "deny" : "pass",
          conditions: [
            { path: "args.amount", op: "lte", expected: 50000, actual: deny ? 60000 : 1200, holds: !deny },
          ],
        },
        {
          rule: SPEND,
          outcome: "pass",
          conditions: [
            {
              path: "state.create_charge.daily_spend",
              op: "lte",
              expected: 1000000,
              actual: 651200,
              holds: true,
            },
          ],
        },
      ],
      counters: deny
        ? []
        : [{ name: "create_charge.daily_spend", before: "650000", add: "1200", after: "651200" }],
      result: deny
        ? null
        : JSON.stringify({ content: [{ type: "text", text: "ch_1 created" }], isError: false }, null, 2),
      size: { arguments: call.arguments.length, result: 60 },
      timing: { gate: 0.4, held: null, server: deny ? null : 3.6, total: deny ? 0.4 : 4 },
      hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    };
  }

  counter(
    scope: string,
    counter: string,
    used: string,
    limit: string | null,
    fraction: number | null,
    window = "day",
    left = 11_549_000,
  ): CounterView {
    const resetsAt = Date.now() + left;
    return { upstream: this.name, scope, counter, window, partition: "", used, limit, fraction, resetsAt };
  }

  tool(name: string, kind: string, calls: number, p50: number | null): ToolView {
    return {
      upstream: this.name,
      name,
      classes: [kind],
      hidden: false,
      listed: true,
      calls,
      denied: Math.floor(calls / 7),
      errors: Math.floor(calls / 29),
      p50,
      p99: p50 === null ? null : p50 * 9,
      lastTime: calls > 0 ? Date.now() - 1_000 : null,
    };
  }

  snapshot(): Snapshot {
    const { policy, totals, calls, counters, denials } = this;
    const upstreams = [{ name: this.name, target: "node server.js", sessions: 1, dropped: 0 }];
    return {
      policy,
      upstreams,
      tools: this.tools,
      sessions: this.sessions,
      totals,
      calls,
      counters,
      denials,
      holds: this.holds,
      whatIf: null,
      operator: { killed: null, shadow: false, blocks: [], allows: [], holds: [], plugins: [] },
      rate: new Array<number>(60).fill(0),
      log: this.log,
    };
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    this.#write({ type: "hello", protocol: PROTOCOL_VERSION, gateway: this.view }, socket);
    this.#write({ type: "snapshot", seq: ++this.#seq, snapshot: this.snapshot() }, socket);
    let rest = "";
    socket.on("data", (chunk) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#answer(socket, line);
    });
  }

  #answer(socket: Socket, line: string): void {
    const { id, command } = clientMessage.parse(JSON.parse(line));
    this.received.push(command);
    const call = this.calls.find((each) => command === `why ${each.id}`);
    if (call) this.#write({ type: "answer", id, ok: true, result: this.detail(call) }, socket);
    else this.#write({ type: "answer", id, ok: false, error: `${command}: no such call` }, socket);
  }

  #write(message: ServerMessage, only?: Socket): void {
    const line = `${JSON.stringify(message)}\n`;
    for (const socket of only ? [only] : this.#sockets) socket.write(line);
  }
}

const ARGUMENTS: Record<string, (n: number, denied: boolean) => string> = {
  create_charge: (n, denied) =>
    JSON.stringify({
      amount: denied ? 60_000 : 1_200,
      currency: "usd",
      customer: `cus_${n}`,
      description: "Blue chair, two of them",
    }),
  list_charges: (n) => JSON.stringify({ limit: 10, starting_after: `ch_${n}` }),
  get_balance: () => "{}",
  create_refund: (n) => JSON.stringify({ charge: `ch_${n}`, reason: "requested_by_customer" }),
};
