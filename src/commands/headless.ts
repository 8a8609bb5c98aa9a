import type { Gateway } from "../gateway/gateway.ts";
import { LOG_LEVELS, type LogLevel } from "./options.ts";

/** Controls and what reorders or hides its neighbours: some of what is logged is an agent's or a server's own. */
const UNPRINTABLE = /[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu;

const spelledOut = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;

/** Bytes that may wait for whoever reads stderr; while more do, nothing is added to them. */
const MAX_WAITING = 1024 * 1024;

/** What a gateway without a screen has to say goes to stderr. */
export function logToStderr(gateway: Gateway, atLeast: LogLevel): void {
  const threshold = LOG_LEVELS.indexOf(atLeast);
  gateway.onLog = ({ level, text }) => {
    if (LOG_LEVELS.indexOf(level) > threshold || process.stderr.writableLength > MAX_WAITING) return;
    process.stderr.write(`callgate: ${text.replace(UNPRINTABLE, spelledOut)}\n`);
  };
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
