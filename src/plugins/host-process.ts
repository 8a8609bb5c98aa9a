import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { codePath, modulePath, packagePath } from "../package-path.ts";
import { LineDecoder } from "../wire/framing.ts";
import { type Answer, MAX_LINE, readAnswer } from "./frames.ts";

/** Last words kept of a host's stderr, in characters. */
const LAST_WORDS = 2_000;

export interface HostHandlers {
  onAnswer(answer: Answer): void;
  /** It has gone, or has said what no host says; nothing more comes of it. */
  onGone(reason: string): void;
}

/**
 * A forked plugin host: an environment of its own, no handle but its three pipes, and of the file system the right
 * to read what it is made of.
 */
export class HostProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #handlers: HostHandlers;
  #lastWords = "";
  #outgoing = "";
  #over = false;

  constructor(handlers: HostHandlers) {
    this.#handlers = handlers;
    this.#child = spawn(process.execPath, [...flags(), HOST], {
      stdio: ["pipe", "pipe", "pipe"],
      // Where a plugin runs must not show: the same zone and language everywhere.
      env: { TZ: "UTC", LC_ALL: "en_US.UTF-8" },
      cwd: dirname(HOST),
      // Out of reach of a terminal's ctrl-c: it ends when its input does.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    const { stdin, stdout, stderr } = this.#child;
    for (const pipe of [stdin, stdout, stderr]) pipe.on("error", () => {}); // a host that has gone: its exit says so
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    const lines = new LineDecoder(
      {
        onFrame: (frame) => {
          const answer = readAnswer(frame.toString());
          if (answer === null) this.#gone("said what is no answer");
          else if (!this.#over) handlers.onAnswer(answer);
        },
        onOversize: () => this.#gone("gave an answer that is too long"),
      },
      MAX_LINE,
    );
    stdout.on("data", (chunk: Buffer) => lines.push(chunk));
    this.#child.once("error", (error) => this.#gone(`could not be started: ${error.message}`));
    this.#child.once("close", (code, signal) => this.#gone(this.#ending(code, signal)));
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** What is sent in one turn leaves in one write. */
  send(text: string): void {
    if (this.#outgoing === "") process.nextTick(() => this.#flush());
    this.#outgoing += text;
  }

  #flush(): void {
    if (!this.#over) this.#child.stdin.write(this.#outgoing);
    this.#outgoing = "";
  }

  /** Ends it at once; no handler is called any more. */
  kill(): void {
    this.#over = true;
    this.#child.kill("SIGKILL");
  }

  #gone(reason: string): void {
    if (this.#over) return;
    this.kill();
    this.#handlers.onGone(reason);
  }

  #ending(code: number | null, signal: NodeJS.Signals | null): string {
    if (/heap out of memory|out of memory|Allocation failed/i.test(this.#lastWords))
      return "ran out of memory";
    const how = signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
    const why = /^\s*(?:Fatal|#|\w*Error)\b.*$/im.exec(this.#lastWords)?.[0]?.trim();
    return why === undefined ? how : `${how} (${why})`;
  }
}

const HOST = modulePath("plugins/host/host");

let known: string[] | null = null;

/** Node's flags for the host. */
function flags(): string[] {
  if (known !== null) return known;
  const isolatedVm = packageFolders("isolated-vm", HOST);
  const nodeGypBuild = isolatedVm.flatMap((folder) => packageFolders("node-gyp-build", join(folder, "x.js")));
  const readable = [
    codePath("plugins"),
    codePath("wire"),
    packagePath("package.json"),
    ...new Set([...isolatedVm, ...nodeGypBuild]),
    "/etc/alpine-release", // by which the right build for the C library is told
  ];
  known = [
    "--permission",
    "--allow-addons",
    ...readable.map((path) => `--allow-fs-read=${path}`),
    // The compilers that optimise by guessing are where engines have had most of their holes.
    "--no-opt",
    "--no-maglev",
    "--disable-warning=SecurityWarning",
    "--disable-warning=ExperimentalWarning",
  ];
  return known;
}

/** The folder of a package as it is found from a file, and where links lead from there. */
function packageFolders(name: string, from: string): string[] {
  for (const parent of createRequire(from).resolve.paths(name) ?? []) {
    const folder = join(parent, name);
    if (existsSync(folder)) return [folder, realpathSync(folder)];
  }
  return [];
}
