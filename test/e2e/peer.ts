import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface Message {
  jsonrpc?: string;
  id?: string | number | null;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: unknown };
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A client without an SDK: it sends any bytes to a process's stdin and keeps every line of its stdout. */
export class Peer {
  readonly child: ChildProcess;
  /** Lines of stdout as they came. */
  readonly lines: string[] = [];
  /** Those that are JSON. */
  readonly messages: Message[] = [];
  readonly exited: Promise<Exit>;
  stderr = "";
  ended = false;
  /** The beginning of a line whose end has not come. */
  #rest: Buffer[] = [];
  #waiting = new Set<() => void>();
  #lastId = 0;

  constructor(command: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
    const [program = "", ...args] = command;
    this.child = spawn(program, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stdout?.on("data", (chunk: Buffer) => this.#read(chunk));
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.#wake();
    });
    // A test that sends to a process already gone looks at its exit status, not at EPIPE.
    this.child.stdin?.on("error", () => {});
    this.exited = once(this.child, "close").then(([code, signal]) => ({ code, signal }));
    this.exited.finally(() => {
      this.ended = true;
      this.#wake();
    });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** Bytes as they are; a text gets the newline that ends a frame, a Buffer does not. */
  send(frame: string | Buffer | Message): void {
    const bytes = Buffer.isBuffer(frame)
      ? frame
      : `${typeof frame === "string" ? frame : JSON.stringify(frame)}\n`;
    this.child.stdin?.write(bytes);
  }

  /** Sends a request with the next free id and waits for what answers it. */
  async request(method: string, params?: Record<string, unknown>, timeout?: number): Promise<Message> {
    const id = ++this.#lastId;
    this.send({ jsonrpc: "2.0", id, method, params });
    return this.answer(id, timeout);
  }

  call(name: string, args: Record<string, unknown> = {}): Promise<Message> {
    return this.request("tools/call", { name, arguments: args });
  }

  notify(method: string, params?: Record<string, unknown>): void {
    this.send({ jsonrpc: "2.0", method, params });
  }

  /** The legacy handshake. */
  async initialize(protocolVersion = "2025-11-25"): Promise<Message> {
    const clientInfo = { name: "peer", version: "1.0.0" };
    const answer = await this.request("initialize", { protocolVersion, capabilities: {}, clientInfo });
    this.notify("notifications/initialized");
    return answer;
  }

  /** The first response with this id, come or still to come. */
  answer(id: string | number | null, timeout?: number): Promise<Message> {
    return this.message((m) => m.id === id && m.method === undefined, `an answer to ${id}`, timeout);
  }

  /** The first message that fits, come or still to come. */
  message(fits: (message: Message) => boolean, what = "a message", timeout?: number): Promise<Message> {
    return this.until(() => this.messages.find(fits), what, timeout);
  }

  /** Waits for a text on stderr; gives the whole of stderr. */
  async logged(text: string | RegExp, timeout?: number): Promise<string> {
    const has = () => (typeof text === "string" ? this.stderr.includes(text) : text.test(this.stderr));
    await this.until(() => has() || undefined, `${text} on stderr`, timeout);
    return this.stderr;
  }

  /** Looks again at every new output until `look` finds something. */
  async until<T>(look: () => T | undefined, what: string, timeout = 10_000): Promise<T> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0 || this.ended) {
        const why = this.ended ? "the process ended" : `${timeout} ms passed`;
        throw new Error(
          `no ${what}: ${why}\nstdout: ${this.lines.join("\n").slice(-2000)}\nstderr: ${this.stderr}`,
        );
      }
      await this.#output(left);
    }
  }

  /** End of input, then the exit status. */
  end(): Promise<Exit> {
    this.child.stdin?.end();
    return this.exited;
  }

  /** A signal, then the exit status. */
  kill(signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> {
    this.child.kill(signal);
    return this.exited;
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      this.#line(Buffer.concat([...this.#rest, rest.subarray(0, end)]).toString("utf8"));
      this.#rest = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#rest.push(rest);
    this.#wake();
  }

  #line(line: string): void {
    this.lines.push(line);
    try {
      this.messages.push(JSON.parse(line));
    } catch {
      // Kept in `lines`, where a test can complain of it.
    }
  }

  #output(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeout);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
