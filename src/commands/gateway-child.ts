import { type ChildProcess, spawn } from "node:child_process";
import { packagePath } from "../package-path.ts";
import { LineDecoder } from "../wire/framing.ts";

/** How a gateway of its own looks to the process that shows it. */
export interface GatewayChild {
  readonly url: string;
  readonly pid: number;
  /** Resolves with the exit status. */
  readonly exited: Promise<number>;
  /** Ends it as a signal would, and waits. */
  stop(): Promise<number>;
}

const CLI = packagePath("bin/callgate.js");
const LISTENING = /^callgate listening on (http\S+)$/;
/** Last lines of its stderr kept for the error message. */
const KEPT_LINES = 20;

/**
 * Starts `callgate serve` with the same arguments in a process of its own, so that a slow screen cannot slow
 * the traffic.
 *
 * @throws Error with what it said on stderr, where it ends before it listens
 */
export function startGatewayChild(args: readonly string[], env: NodeJS.ProcessEnv): Promise<GatewayChild> {
  const child = spawn(process.execPath, [CLI, "serve", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env,
    // A group of its own: ctrl-c in the editor that the screen opens is not for the gateway.
    detached: true,
  });
  const exited = exitOf(child);
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const onFrame = (frame: Buffer) => {
      const line = frame.toString("utf8");
      said.push(line);
      if (said.length > KEPT_LINES) said.shift();
      const url = LISTENING.exec(line)?.[1];
      if (url === undefined) return;
      const stop = () => {
        child.kill("SIGTERM");
        return exited;
      };
      resolve({ url, pid: child.pid ?? -1, exited, stop });
    };
    const lines = new LineDecoder({ onFrame, onOversize: () => {} });
    child.stderr.on("data", (chunk: Buffer) => lines.push(chunk));
    void exited.then((status) => {
      const text = said.join("\n").replace(/^callgate: /, "");
      reject(new Error(text || `the gateway ended with status ${status} before it listened`));
    });
  });
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
