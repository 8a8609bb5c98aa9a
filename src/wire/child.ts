import { type ChildProcessByStdio, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";

export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How long a server may take to leave once its input has ended (MCP lifecycle "Shutdown", stdio), in ms. */
const LEAVE_MS = 3_000;
/** How long it may take after SIGTERM, in ms. */
const TERM_MS = 2_000;
/** How long output may still come after the exit, from processes the server left behind, in ms. */
const DRAIN_MS = 500;

/** Those that run. However this process ends, if it can still do anything it leaves none of them behind. */
const running = new Set<Child>();
process.on("exit", () => {
  for (const child of running) child.kill();
});

/** The server could not be started. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/**
 * An MCP server as a child process on stdio, in a process group of its own, so that what it starts ends with
 * it.
 */
export class Child {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves with the exit status once the child is gone and its output read; 128 + n for signal n. */
  readonly exited: Promise<number>;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  #timer: NodeJS.Timeout | null = null;
  #gone = false;

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#process = child;
    this.stdin = child.stdin;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.stdin.on("error", () => {}); // a server that has gone: its exit says so
    // One that lives on without either can answer nothing any more: nobody must wait for it.
    this.stdin.once("close", () => this.#leave());
    this.stdout.once("end", () => this.#leave());
    running.add(this);
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#gone = true;
        if (this.#timer !== null) clearTimeout(this.#timer);
        const status = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
        const done = () => {
          this.kill(); // what it left behind in its group
          running.delete(this);
          resolve(status);
        };
        const late = setTimeout(done, DRAIN_MS);
        child.once("close", () => {
          clearTimeout(late);
          done();
        });
      });
    });
  }

  /** @throws StartError saying what could not be started and why */
  static start({ command, args, env, cwd }: ChildCommand): Promise<Child> {
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    return new Promise((resolve, reject) => {
      child.once("spawn", () => resolve(new Child(child)));
      child.once("error", (error: NodeJS.ErrnoException) =>
        reject(new StartError(whyNotStarted(command, cwd, error))),
      );
    });
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  /** Ends the child: its input first, then SIGTERM, then SIGKILL, each after its grace. */
  stop(grace = LEAVE_MS): Promise<number> {
    this.stdin.end();
    this.#timer ??= setTimeout(() => {
      this.#kill("SIGTERM");
      this.#timer = setTimeout(() => this.kill(), TERM_MS);
    }, grace);
    return this.exited;
  }

  #leave(): void {
    if (!this.#gone) void this.stop();
  }

  /** Ends the child and what it started, at once. */
  kill(): void {
    this.#kill("SIGKILL");
  }

  #kill(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group is gone already.
    }
  }
}

/** What could not be started and why, in words for a person. */
export function whyNotStarted(
  command: string,
  cwd: string | undefined,
  error: NodeJS.ErrnoException,
): string {
  const what = `cannot start the server ${JSON.stringify(command)}`;
  if (error.code === "ENOENT" && cwd !== undefined) {
    return `${what} in ${cwd}: one of the two does not exist. Give a command on the PATH or its full path, and a folder that is there.`;
  }
  if (error.code === "ENOENT")
    return `${what}: there is no such command on the PATH. Give its full path, or install it.`;
  if (error.code === "EACCES")
    return `${what}: the file is not executable. Make it so with chmod +x, or start it through its interpreter.`;
  return `${what}: ${error.message}.`;
}
