import type { Gateway } from "../gateway/gateway.ts";
import { LOG_LEVELS, type LogLevel } from "./options.ts";

/** What a gateway without a screen has to say goes to stderr. */
export function logToStderr(gateway: Gateway, atLeast: LogLevel): void {
  const threshold = LOG_LEVELS.indexOf(atLeast);
  gateway.onLog = ({ level, text }) => {
    if (LOG_LEVELS.indexOf(level) <= threshold) process.stderr.write(`callgate: ${text}\n`);
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
