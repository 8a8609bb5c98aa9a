import { Complaint } from "../complaint.ts";
import { oneOf } from "../suggest.ts";
import { durationMs, UNIT_MS } from "../time/duration.ts";
import type { Window } from "../types.ts";

const UNITS = ["minute", "hour", "day", "week", "month"] as const;
const NAMES = [...UNITS, "session", "forever"];
const ALIASES = {
  minutely: "minute",
  min: "minute",
  hourly: "hour",
  daily: "day",
  weekly: "week",
  monthly: "month",
  always: "forever",
  never: "forever",
  total: "forever",
  lifetime: "forever",
};

const LONGEST_MS = 366 * UNIT_MS.d;

/**
 * Reads `minute hour day week month` (calendar units in `timezone`), `session`, `forever`, or a sliding duration
 * such as `10m`.
 * @throws {Complaint}
 */
export function parseWindow(text: string, timezone = "UTC"): Window {
  for (const unit of UNITS) if (unit === text) return { kind: "calendar", unit, timezone };
  if (text === "session" || text === "forever") return { kind: text };
  const ms = durationMs(text);
  if (ms !== null) {
    if (ms > 0 && ms <= LONGEST_MS) return { kind: "sliding", ms };
    throw new Complaint(`window ${JSON.stringify(text)} is out of range`, "a duration is from 1s to 366d");
  }
  const help = oneOf(text, NAMES, ALIASES);
  throw new Complaint(`unknown window ${JSON.stringify(text)}`, `${help} Or a duration such as 10m`);
}

/** A window's text, one for each different window: "day", "day@Europe/London", "10m", "session", "forever". */
export function windowText(window: Window): string {
  switch (window.kind) {
    case "calendar":
      return window.timezone === "UTC" ? window.unit : `${window.unit}@${window.timezone}`;
    case "sliding": {
      for (const [unit, ms] of Object.entries(UNIT_MS).reverse()) {
        if (window.ms % ms === 0) return `${window.ms / ms}${unit}`;
      }
      return `${window.ms}ms`;
    }
    default:
      return window.kind;
  }
}

/**
 * Reads `60/minute`.
 * @throws {Complaint}
 */
export function parseRate(text: string, timezone = "UTC"): { limit: number; window: Window } {
  const match = /^(\d{1,12})\/(\S+)$/.exec(text);
  if (match === null) {
    throw new Complaint(
      `rate_limit ${JSON.stringify(text)} cannot be read`,
      "write a number, a slash and a window: 60/minute",
    );
  }
  const [, count = "", window = ""] = match;
  if (Number(count) === 0)
    throw new Complaint("rate_limit 0 lets nothing through", "say so with action: deny");
  return { limit: Number(count), window: parseWindow(window, timezone) };
}

/**
 * A time zone's name as counters keep it.
 * @throws {Complaint}
 */
export function parseTimezone(text: string): string {
  try {
    const known = new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
    return known === "UTC" ? "UTC" : text;
  } catch {
    const help = oneOf(text, Intl.supportedValuesOf("timeZone")).replace(/^.*?\. ?(?=Did|$)/, "");
    throw new Complaint(
      `unknown timezone ${JSON.stringify(text)}`,
      `an IANA name such as Europe/London, or UTC. ${help}`.trim(),
    );
  }
}
