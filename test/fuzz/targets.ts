/** Gateways to feed, each with a server behind it that records what it received. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { Agent, type OutgoingHttpHeaders, request } from "node:http";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const CALLGATE = join(ROOT, "bin/callgate.js");
const server = (name: string) => [process.execPath, join(ROOT, "test/fixtures", name)];

/** How long an answer may take before it counts as hanging, in ms. */
export const PATIENCE_MS = 20_000;

export interface Target {
  readonly name: string;
  /** Sends frames, and comes back when they have been read and the gateway still answers. */
  feed(frames: readonly Buffer[]): Promise<void>;
  /** What the server received since it was last asked. */
  received(): string;
  /** Resident memory of the gateway, in MiB. */
  memory(): number;
  close(): Promise<void>;
}

/** A process that must not end by itself. */
class Running {
  readonly child: ChildProcess;
  #stderr = "";
  #closing = false;
  readonly #died: Promise<never>;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv) {
    const [program = "", ...args] = command;
    this.child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk).slice(-4_000);
    });
    this.child.stdin?.on("error", () => {});
    this.#died = once(this.child, "close").then(([code, signal]) => {
      if (this.#closing) return new Promise<never>(() => {});
      throw new Error(`${command.join(" ")} ended with ${code ?? signal}\n${this.#stderr}`);
    });
    this.#died.catch(() => {});
  }

  /** `work`, unless the process ends before it or it takes too long. */
  async outlives<T>(work: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what}: no answer in ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    return Promise.race([work, this.#died, late]).finally(() => clearTimeout(timer));
  }

  async url(): Promise<URL> {
    const find = async (): Promise<URL> => {
      for (;;) {
        const [, url] = /listening on (\S+)\n/.exec(this.#stderr) ?? [];
        if (url !== undefined) return new URL(url);
        await once(this.child.stderr ?? this.child, "data");
      }
    };
    return this.outlives(find(), "start");
  }

  memory(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
    await closed;
    clearTimeout(timer);
  }
}

/** Reads what is added to a file. */
function follow(path: string): () => string {
  let from = 0;
  return () => {
    const buffer = Buffer.alloc(1 << 16);
    const parts: Buffer[] = [];
    const file = openSync(path, "a+");
    for (;;) {
      const n = readSync(file, buffer, 0, buffer.length, from);
      if (n === 0) break;
      parts.push(Buffer.from(buffer.subarray(0, n)));
      from += n;
    }
    closeSync(file);
    return Buffer.concat(parts).toString("utf8");
  };
}

const HELLO =
  '{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25",' +
  '"capabilities":{},"clientInfo":{"name":"fuzz","version":"1.0.0"}}}';
const ping = (n: number) => `{"jsonrpc":"2.0","id":"fuzz-${n}","method":"ping"}`;

/** Agent on stdio, server a child. */
export async function stdioTarget(dir: string, policy: string): Promise<Target> {
  const record = join(dir, "stdio.record");
  const command = [process.execPath, CALLGATE, "stdio", "--log-level", "error", "-c", policy, "--"];
  const gateway = new Running([...command, ...server("echo-server.ts")], {
    CALLGATE_HOME: dir,
    RECORD_FILE: record,
  });
  let pings = 0;
  let wanted = "";
  let rest = "";
  let heard = () => {};
  gateway.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (lines.some((line) => line.includes(wanted) && JSON.parse(line).id === wanted)) heard();
  });
  const feed = async (frames: readonly Buffer[]) => {
    wanted = `fuzz-${++pings}`;
    const answered = new Promise<void>((resolve) => {
      heard = resolve;
    });
    for (const frame of frames) gateway.child.stdin?.write(Buffer.concat([frame, Buffer.from("\n")]));
    gateway.child.stdin?.write(`${ping(pings)}\n`);
    await gateway.outlives(answered, "ping");
  };
  await feed([Buffer.from(HELLO), Buffer.from('{"jsonrpc":"2.0","method":"notifications/initialized"}')]);
  return {
    name: "stdio to stdio",
    feed,
    received: follow(record),
    memory: () => gateway.memory(),
    close: () => gateway.close(),
  };
}

/** Agent on HTTP; server at a URL, or a child, in the modern era shared by all. */
export async function httpTarget(dir: string, policy: string, upstream: "HTTP" | "stdio"): Promise<Target> {
  const record = join(dir, `${upstream}.record`);
  const env = { CALLGATE_HOME: dir, RECORD_FILE: record };
  const remote = upstream === "HTTP" ? new Running(server("http-server.ts"), env) : null;
  const behind =
    remote === null ? ["--", ...server("echo-server.ts")] : ["--upstream", String(await remote.url())];
  const command = [process.execPath, CALLGATE, "serve", "--log-level", "error", "-c", policy, ...behind];
  const gateway = new Running(command, env);
  gateway.child.stdout?.resume();
  const url = await gateway.url();
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const post = (body: string | Buffer, headers: OutgoingHttpHeaders) =>
    new Promise<OutgoingHttpHeaders>((resolve, reject) => {
      const length = Buffer.byteLength(body);
      const accept = "application/json, text/event-stream";
      const all = { "content-type": "application/json", accept, "content-length": length, ...headers };
      const sent = request(url, { method: "POST", agent, headers: all }, (response) => {
        response.resume().on("end", () => resolve(response.headers));
      });
      sent.on("error", reject).end(body);
    });
  const { "mcp-session-id": id } = await post(HELLO, {});
  const session = { "mcp-session-id": id };
  let pings = 0;
  return {
    name: `HTTP to ${upstream}`,
    async feed(frames) {
      const sent = frames.map((frame) =>
        gateway.outlives(post(frame, headersFor(frame, session)), JSON.stringify(frame.toString())),
      );
      await Promise.all(sent);
      await gateway.outlives(post(ping(++pings), session), "ping");
    },
    received: follow(record),
    memory: () => gateway.memory(),
    async close() {
      agent.destroy();
      await gateway.close();
      await remote?.close();
    },
  };
}

/** Those of the modern era for what looks like it, of the session for all else. */
function headersFor(frame: Buffer, session: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const text = frame.toString("latin1");
  if (!text.includes("2026-07-28")) return session;
  const name = /"name"\s*:\s*"([\x20-\x21\x23-\x7e]+)"/.exec(text)?.[1];
  const method = /"method"\s*:\s*"([\x20-\x21\x23-\x7e]+)"/.exec(text)?.[1];
  return {
    "mcp-protocol-version": "2026-07-28",
    ...(name === undefined ? {} : { "mcp-name": name }),
    ...(method === undefined ? {} : { "mcp-method": method }),
  };
}
