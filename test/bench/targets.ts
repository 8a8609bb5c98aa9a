/** What is measured: the same server, reached in different ways. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Connection, StdioConnection } from "./connection.ts";
import { HttpConnection } from "./http-connection.ts";

export interface Target {
  readonly name: string;
  open(): Connection;
}

/** How callgate should stand to the other. */
export interface Bars {
  /** Its added p50, at most. */
  readonly added: number;
  /** Its calls/s, at least; null for no such bar. */
  readonly rate: number | null;
  /** Why it may not. */
  readonly missed: string;
}

/** What is compared with each other: nothing in between, somebody else, and callgate. */
export interface Pair {
  readonly name: string;
  readonly targets: readonly [direct: Target, other: Target, callgate: Target];
  /** Share of the calls that are made: HTTP is slower. */
  readonly share: number;
  readonly bars: Bars | null;
}

const ROOT = resolve(import.meta.dirname, "../..");
const CALLGATE = join(ROOT, "bin/callgate.js");
const NODE = process.execPath;
const MCP_PROXY = [NODE, join(ROOT, "test/fixtures/mcp-proxy.ts")];

/** The call that is made: two counters and ten rules look at it. */
export const CALL =
  '"method":"tools/call","params":{"name":"create_charge","arguments":{"amount":1250,"currency":"usd",' +
  '"customer":"cus_ada","description":"Support hours, October","metadata":{"order":"A-1041","seats":3}}}';

export const POLICY = `
version: "1"
hide: [delete_everything]
tools:
  create_charge:
    rules:
      - { name: max single charge, conditions: [{ path: args.amount, op: lte, value: 50000 }] }
      - { name: not nothing, conditions: [{ path: args.amount, op: gt, value: 0 }] }
      - { name: currencies, conditions: [{ path: args.currency, op: in, value: [usd, eur, gbp, chf] }] }
      - { name: not on the list, conditions: [{ path: args.customer, op: not_in, value: [cus_mallory, cus_eve] }] }
      - { name: ids only, conditions: [{ path: args.customer, op: regex, value: "^cus_[a-z0-9]+$" }] }
      - { name: said why, conditions: [{ path: args.description, op: exists, value: true }] }
      - { name: no cash, conditions: [{ path: args.description, op: neq, value: cash }] }
      - { name: order named, conditions: [{ path: args.metadata.order, op: contains, value: A- }] }
      - name: daily spend cap
        conditions: [{ path: state.create_charge.daily_spend, op: lte, value: 900000000000 }]
        state: { counter: daily_spend, window: day, increment_from: args.amount }
      - { name: a day's calls, rate_limit: 900000000/day }
`;

/** A directory of the bench's own: servers as plain JavaScript, the policy, a fresh home for each gateway. */
export class Workshop {
  readonly dir = mkdtempSync(join(tmpdir(), "callgate-bench-"));
  readonly #server = this.#script("echo-server");
  readonly #httpServer = this.#script("http-server");
  readonly #relay = this.#script("relay");
  readonly #policy = join(this.dir, "policy.yaml");
  /** The server at a URL, which all that stand in front of one share. */
  readonly #remote = new HttpConnection([NODE, this.#httpServer], process.env);
  #homes = 0;

  constructor() {
    writeFileSync(this.#policy, POLICY);
  }

  async pairs(): Promise<Pair[]> {
    const child = [NODE, this.#server];
    const url = (await this.#remote.url()).href;
    const direct = {
      stdio: this.#onStdio("direct", child),
      http: this.#onHttp("direct", [NODE, this.#httpServer]),
    };
    return [
      {
        name: "stdio to stdio",
        targets: [
          direct.stdio,
          this.#onStdio("bare relay", [NODE, this.#relay, ...child]),
          this.#onStdio("callgate", this.#callgate("stdio", "--", ...child)),
        ],
        share: 1,
        bars: {
          added: 1.5,
          rate: 0.6,
          missed:
            "a lone call is counted and recorded before it leaves: reading both ways, a sealed record and one " +
            "append to a counters' file cost 1.7x with no rule, no SQLite and no sharing (docs/wire.md)",
        },
      },
      {
        name: "HTTP to HTTP",
        targets: [
          direct.http,
          this.#onHttp("mcp-proxy", [...MCP_PROXY, "http", url]),
          this.#onHttp("callgate", this.#callgate("serve", "--upstream", url)),
        ],
        share: 0.2,
        bars: {
          added: 0.5,
          rate: null,
          missed: "most of it is Node's own HTTP, a server's and a client's for each call (docs/wire.md)",
        },
      },
      {
        name: "HTTP to stdio",
        targets: [
          direct.stdio,
          this.#onHttp("mcp-proxy", [...MCP_PROXY, "http", ...child]),
          this.#onHttp("callgate", this.#callgate("serve", "--", ...child)),
        ],
        share: 0.1,
        bars: null,
      },
      {
        name: "stdio to HTTP",
        targets: [
          direct.http,
          this.#onStdio("mcp-proxy", [...MCP_PROXY, "stdio", url]),
          this.#onStdio("callgate", this.#callgate("stdio", "--upstream", url)),
        ],
        share: 0.1,
        bars: null,
      },
    ];
  }

  /** A gateway on stdio, and what a screen needs to find it. */
  gateway(): { connection: Connection; env: NodeJS.ProcessEnv } {
    const env = this.#env();
    const command = this.#callgate("stdio", "--", NODE, this.#server);
    return { connection: new StdioConnection(command, env), env };
  }

  #callgate(command: "stdio" | "serve", ...rest: string[]): string[] {
    return [NODE, CALLGATE, command, "-c", this.#policy, ...rest];
  }

  #onStdio(name: string, command: readonly string[]): Target {
    return { name, open: () => new StdioConnection(command, this.#env()) };
  }

  #onHttp(name: string, command: readonly string[]): Target {
    return { name, open: () => new HttpConnection(command, this.#env()) };
  }

  async close(): Promise<void> {
    await this.#remote.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, CALLGATE_HOME: join(this.dir, `home-${++this.#homes}`) };
  }

  /** Without its types, so that no start-up time goes into stripping them. */
  #script(name: string): string {
    const source = readFileSync(join(ROOT, "test/fixtures", `${name}.ts`), "utf8");
    const path = join(this.dir, `${name}.mjs`);
    writeFileSync(path, stripTypeScriptTypes(source));
    return path;
  }
}
