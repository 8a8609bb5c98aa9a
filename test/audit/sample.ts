import { readFileSync } from "node:fs";
import { type AuditLog, openAuditLog } from "../../src/audit/log.ts";
import type { RecordBody } from "../../src/audit/record.ts";

/** Noon of a June day, UTC. */
export const NOON = Date.parse("2025-06-15T12:00:00Z");

export function call(id: string, extra: Partial<Extract<RecordBody, { kind: "call" }>> = {}): RecordBody {
  return {
    kind: "call",
    call: id,
    arrived: NOON,
    upstream: "payments",
    agent: "claude",
    session: "s1",
    target: "tool",
    tool: "create_charge",
    annotations: null,
    arguments: { amount: 5000, currency: "usd", description: "café ☕" },
    recorded: "whole",
    edited: null,
    plugins: [],
    verdict: "allow",
    rule: null,
    message: "",
    shadow: false,
    would: null,
    policy: "p1",
    counters: [{ id: "payments/create_charge/daily_spend", before: "0.01", add: "5000" }],
    uncounted: false,
    ...extra,
  };
}

/** A log with an open record, `calls` calls and, unless told otherwise, a close record. */
export function writeLog(dir: string, calls: number, gateway = "gw", close = true): AuditLog {
  const log = openAuditLog(dir, gateway, "0.1.0", () => NOON);
  for (let i = 0; i < calls; i++) log.append(call(`c${i}`));
  log.flush();
  if (close) log.close("end of input");
  return log;
}

export function linesOf(path: string): string[] {
  return readFileSync(path, "utf8").split("\n").slice(0, -1);
}
