import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** One client's end of whatever is measured. Lean, so that what is measured is the other end. */
export interface Connection {
  /** The process in front, whose memory is looked at. */
  readonly pid: number;
  /** Sends one request, `body` being all of it after the id; `done` is called when its answer is there. */
  request(body: string, done: () => void): void;
  close(): Promise<void>;
}

/** JSON lines over a process's stdin and stdout. */
export class StdioConnection implements Connection {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, () => void>();
  #lastId = 0;
  #rest = "";
  #stderr = "";
  #closing = false;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv) {
    const [program = "", ...args] = command;
    this.#child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    this.pid = this.#child.pid ?? -1;
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    this.#child.stdin?.on("error", () => {});
    this.#child.once("error", (error) => this.#fail(String(error)));
    this.#child.once("close", (code) => this.#fail(`ended with status ${code}`));
  }

  request(body: string, done: () => void): void {
    const id = ++this.#lastId;
    this.#waiting.set(id, done);
    this.#child.stdin?.write(`{"jsonrpc":"2.0","id":${id},${body}}\n`);
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 3000);
    await closed;
    clearTimeout(timer);
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const answer: { id?: number; error?: unknown; result?: { isError?: boolean } } = JSON.parse(line);
      if (answer.error !== undefined || answer.result?.isError) throw new Error(`not an answer: ${line}`);
      if (answer.id === undefined) continue;
      const done = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      done?.();
    }
  }

  /** A bench whose process went away has nothing to report. */
  #fail(why: string): void {
    if (!this.#closing) throw new Error(`${this.#child.spawnargs.join(" ")}: ${why}\n${this.#stderr}`);
  }
}
