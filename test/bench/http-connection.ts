import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, type IncomingMessage, type RequestOptions, request } from "node:http";
import type { Connection } from "./connection.ts";

/** One JSON-RPC request a POST, over connections that are kept, to a process that says where it listens. */
export class HttpConnection implements Connection {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #listening: Promise<URL>;
  #options: RequestOptions | null = null;
  #session: Record<string, string> = {};
  #lastId = 0;
  #stderr = "";
  #closing = false;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv) {
    const [program = "", ...args] = command;
    this.#child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    this.pid = this.#child.pid ?? -1;
    this.#child.once("close", (code) => {
      if (!this.#closing) throw new Error(`${command.join(" ")} ended with ${code}\n${this.#stderr}`);
    });
    this.#listening = this.#find();
  }

  request(body: string, done: () => void): void {
    const text = `{"jsonrpc":"2.0","id":${++this.#lastId},${body}}`;
    if (this.#options !== null) this.#post(this.#options, text, done);
    else
      void this.#listening.then(({ hostname: host, port, pathname: path }) => {
        this.#options = { host, port, path, method: "POST", agent: this.#agent };
        this.#post(this.#options, text, done);
      });
  }

  /** Where it listens. */
  url(): Promise<URL> {
    return this.#listening;
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#agent.destroy();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 3000);
    await closed;
    clearTimeout(timer);
  }

  #find(): Promise<URL> {
    return new Promise((resolve) => {
      this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        this.#stderr = (this.#stderr + text).slice(-4000);
        const [, url] = /listening on (\S+)\n/.exec(this.#stderr) ?? [];
        if (url !== undefined) resolve(new URL(url));
      });
    });
  }

  #post(options: RequestOptions, text: string, done: () => void): void {
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "content-length": Buffer.byteLength(text),
      ...this.#session,
    };
    request({ ...options, headers }, (response) => this.#read(response, done)).end(text);
  }

  #read(response: IncomingMessage, done: () => void): void {
    const { "mcp-session-id": session } = response.headers;
    if (typeof session === "string") this.#session = { "mcp-session-id": session };
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    response.on("end", () => {
      // Plain, or the one event of a stream.
      const answer: { result?: { isError?: boolean } } = JSON.parse(
        /^(?:.*\n)?data: (.*)$/ms.exec(text)?.[1] ?? text,
      );
      if (answer.result === undefined || answer.result.isError) throw new Error(`not an answer: ${text}`);
      done();
    });
  }
}
