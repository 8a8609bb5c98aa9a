/** The built program, real servers and real clients for one test, all gone when it ends. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as v2 from "@modelcontextprotocol/client";
import { StdioClientTransport as V2Stdio } from "@modelcontextprotocol/client/stdio";
import {
  Client as V1Client,
  type ClientOptions as V1Options,
} from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as V1Stdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as V1Http } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { onTestFinished } from "vitest";
import type { AuditRecord } from "../../src/audit/record.ts";
import { Peer } from "./peer.ts";
import { end, startedWith } from "./processes.ts";

export { type Exit, type Message, Peer } from "./peer.ts";
export { alive } from "./processes.ts";

export const ROOT = resolve(import.meta.dirname, "../..");
/** Node 24, whatever runs the tests. */
export const NODE = realpathSync(join(ROOT, "node_modules/.bin/node"));
export const CALLGATE = join(ROOT, "bin/callgate.js");

/** Commands of servers to put behind the gate. */
export const ECHO = [NODE, join(ROOT, "test/fixtures/echo-server.ts")];
export const PAYMENTS = [NODE, join(ROOT, "examples/payments-server.ts")];
export const AGENT = [NODE, join(ROOT, "examples/agent.ts")];
/** The policy of issue 2, verbatim. */
export const SEED = readFileSync(join(ROOT, "test/fixtures/seed.yaml"), "utf8");

export const ALLOW_ALL = 'version: "1"\n';

export interface GateOptions {
  /** Path of a policy; default: one that allows everything. */
  policy?: string;
  /** The server; default: `ECHO`. */
  server?: readonly string[];
  /** More options of callgate, before `--`. */
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** Everything one test uses; call it inside the test. */
export function sandbox(): Sandbox {
  const box = new Sandbox();
  onTestFinished(() => box.dispose());
  return box;
}

export class Sandbox {
  readonly dir = mkdtempSync(join(tmpdir(), "callgate-test-"));
  /** `CALLGATE_HOME`. */
  readonly home = join(this.dir, "home");
  /** What the echo server received, line by line. */
  readonly recordFile = join(this.dir, "record");
  readonly env: Record<string, string>;
  readonly #peers: Peer[] = [];
  readonly #closers: (() => Promise<unknown>)[] = [];

  constructor() {
    mkdirSync(this.home, { mode: 0o700 });
    const inherited = Object.entries(process.env).flatMap(([key, value]) => (value ? [[key, value]] : []));
    this.env = {
      ...Object.fromEntries(inherited),
      CALLGATE_HOME: this.home,
      PAYMENTS_DB: join(this.dir, "payments.db"),
      RECORD_FILE: this.recordFile,
    };
  }

  /** Writes a file in the sandbox and gives its path. */
  write(name: string, text: string): string {
    const path = join(this.dir, name);
    writeFileSync(path, text);
    return path;
  }

  policy(text: string, name = "policy.yaml"): string {
    return this.write(name, text);
  }

  /** Lines the echo server received. */
  received(): string[] {
    try {
      return readFileSync(this.recordFile, "utf8").split("\n").slice(0, -1);
    } catch {
      return [];
    }
  }

  /** Records of every audit log, file by file. */
  records(): AuditRecord[] {
    const dir = join(this.home, "audit");
    return readdirSync(dir)
      .sort()
      .flatMap((name) => readFileSync(join(dir, name), "utf8").split("\n").slice(0, -1))
      .map((line) => JSON.parse(line));
  }

  /** Processes of this sandbox that are alive, whoever started them. */
  processes(): number[] {
    return startedWith("CALLGATE_HOME", this.home);
  }

  /** `callgate <command> -c POLICY ... -- SERVER` as a command line. */
  gate(command: "stdio" | "serve", options: GateOptions = {}): string[] {
    const policy = options.policy ?? this.policy(ALLOW_ALL, "allow-all.yaml");
    const args = ["-c", policy, ...(options.args ?? [])];
    return [NODE, CALLGATE, command, ...args, "--", ...(options.server ?? ECHO)];
  }

  /** Any command, spoken to in raw lines. */
  spawn(command: readonly string[], env: NodeJS.ProcessEnv = {}): Peer {
    const peer = new Peer(command, { env: { ...this.env, ...env }, cwd: this.dir });
    this.#peers.push(peer);
    return peer;
  }

  callgate(...args: string[]): Peer {
    return this.spawn(this.command(...args));
  }

  /** `callgate ...` as a command line. */
  command(...args: string[]): string[] {
    return [NODE, CALLGATE, ...args];
  }

  /** Starts what listens, and gives the URL it prints. */
  async url(command: readonly string[]): Promise<string> {
    const line = /listening on (\S+)\n/;
    return line.exec(await this.spawn(command).logged(line))?.[1] ?? "";
  }

  stdio(options: GateOptions = {}): Peer {
    return this.spawn(this.gate("stdio", options), options.env);
  }

  /** An HTTP gateway that listens. */
  async serve(options: GateOptions = {}): Promise<{ url: URL; gateway: Peer }> {
    const gateway = this.spawn(
      this.gate("serve", { ...options, args: ["--port", "0", ...(options.args ?? [])] }),
      options.env,
    );
    const line = /callgate listening on (\S+)/;
    const [, url = ""] = line.exec(await gateway.logged(line)) ?? [];
    return { url: new URL(url), gateway };
  }

  /** The v2 SDK's client, over stdio to a command or over HTTP to a URL. */
  async v2(to: readonly string[] | URL, options: v2.ClientOptions = {}): Promise<v2.Client> {
    const client = new v2.Client({ name: "v2-client", version: "1.0.0" }, options);
    if (to instanceof URL) {
      const transport = new v2.StreamableHTTPClientTransport(to);
      await client.connect(transport);
      this.#closers.push(
        () => transport.terminateSession(),
        () => client.close(),
      );
    } else {
      const transport = new V2Stdio(this.#spawnOptions(to));
      this.#closers.push(() => client.close());
      await client.connect(transport);
    }
    return client;
  }

  /** The v1 SDK's client, likewise. */
  async v1(to: readonly string[] | URL, options: V1Options = {}): Promise<V1Client> {
    const client = new V1Client({ name: "v1-client", version: "1.0.0" }, options);
    if (to instanceof URL) {
      const transport = new V1Http(to);
      await client.connect(transport);
      this.#closers.push(
        () => transport.terminateSession(),
        () => client.close(),
      );
    } else {
      const transport = new V1Stdio(this.#spawnOptions(to));
      this.#closers.push(() => client.close());
      await client.connect(transport);
    }
    return client;
  }

  /** Ends all processes by id, then removes the files. */
  async dispose(): Promise<void> {
    for (const close of this.#closers) await Promise.race([close().catch(() => {}), after(1000)]);
    end(new Set([...this.#peers.filter(({ ended }) => !ended).map(({ pid }) => pid), ...this.processes()]));
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #spawnOptions([command = "", ...args]: readonly string[]) {
    return { command, args, env: this.env, cwd: this.dir, stderr: "ignore" as const };
  }
}

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
