import type { Readable } from "node:stream";
import type { Gateway } from "../gateway/gateway.ts";
import { LineDecoder } from "../wire/framing.ts";
import { LOG_LEVELS, type LogLevel } from "./options.ts";

/** What a gateway without a screen has to say goes to stderr. */
export function logToStderr(gateway: Gateway, atLeast: LogLevel): void {
  const threshold = LOG_LEVELS.indexOf(atLeast);
  gateway.onLog = ({ level, text }) => {
    if (LOG_LEVELS.indexOf(level) <= threshold) process.stderr.write(`callgate: ${text}\n`);
  };
}

/** Longest line of a server's stderr that is passed on, in bytes. */
const MAX_LINE = 64 * 1024;

/** Passes a server's stderr on by whole lines. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const lines = new LineDecoder(
    {
      onFrame: (frame) => onLine(frame.toString("utf8")),
      onOversize: () => onLine(`(a line of more than ${MAX_LINE} bytes)`),
    },
    MAX_LINE,
  );
  stream.on("data", (chunk: Buffer) => lines.push(chunk));
  stream.on("end", () => lines.end());
}

/** Calls `stop` on the signals that end a process; a second one ends it at once. */
export function attachSignals(stop: (signal: NodeJS.Signals) => void): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
      stopping = true;
      stop(signal);
    });
  }
}
