import type { Window } from "../policy/types.ts";

/** A window's place in time, in ms since the epoch: from `start` up to, not including, `end` (null: no end). */
export interface Span {
  readonly start: number;
  readonly end: number | null;
}

type Unit = Extract<Window, { kind: "calendar" }>["unit"];

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const WHOLE_TIME: Span = { start: 0, end: null };

/**
 * The window that contains `time` (ms since the epoch). Calendar windows of one kind cover all of time
 * without gap or overlap, through days of 23 and 25 hours too. A sliding window is the last `ms` up to `time`.
 * @throws {RangeError} for a time zone that does not exist.
 */
export function windowAt(window: Window, time: number): Span {
  switch (window.kind) {
    case "calendar":
      return calendarAt(window.unit, window.timezone, time);
    case "sliding":
      return { start: time - window.ms + 1, end: null };
    case "session":
    case "forever":
      return WHOLE_TIME;
  }
}

function calendarAt(unit: Unit, timezone: string, time: number): Span {
  if (timezone !== "UTC") return zonedAt(unit, timezone, time);
  const label = floorLabel(unit, time);
  return { start: label, end: nextLabel(unit, label) };
}

// Calls come in the order of time, so the window that held the last one nearly always holds the next.
const lastSpans = new Map<string, { start: number; end: number }>();
const LAST_SPANS_MAX = 1000;

function zonedAt(unit: Unit, timezone: string, time: number): Span {
  const key = `${unit} ${timezone}`;
  const last = lastSpans.get(key);
  if (last !== undefined && time >= last.start && time < last.end) return last;
  const span =
    unit === "minute" || unit === "hour" ? partOfDay(unit, timezone, time) : dates(unit, timezone, time);
  if (lastSpans.size >= LAST_SPANS_MAX) lastSpans.clear();
  lastSpans.set(key, span);
  return span;
}

/**
 * Hours and minutes are counted from the start of the local day. Where clocks move by a whole hour they are
 * those of the clock; where they move by half of one (Lord Howe), the day's last hour is short instead of
 * two hours overlapping.
 */
function partOfDay(unit: "minute" | "hour", timezone: string, time: number) {
  const length = unit === "hour" ? HOUR : MINUTE;
  const day = dates("day", timezone, time);
  const start = time - ((time - day.start) % length);
  return { start, end: Math.min(start + length, day.end) };
}

/** A window made of whole local dates: from the start of its first date to the start of the next window's. */
function dates(unit: Unit, timezone: string, time: number) {
  let label = floorLabel(unit, time + offsetAt(timezone, time));
  let start = startOfDate(timezone, label);
  let end = startOfDate(timezone, nextLabel(unit, label));
  // Clocks set back over midnight show a date again that has ended already; it stays ended.
  while (time >= end) {
    label = nextLabel(unit, label);
    start = end;
    end = startOfDate(timezone, nextLabel(unit, label));
  }
  return { start, end };
}

// A label is a local time written as if it were UTC, so that UTC's arithmetic can be used on it.

function floorLabel(unit: Unit, label: number): number {
  switch (unit) {
    case "minute":
      return label - modulo(label, MINUTE);
    case "hour":
      return label - modulo(label, HOUR);
    case "day":
      return label - modulo(label, DAY);
    case "week":
      // The epoch was a Thursday: the Monday before it is three days back.
      return label - modulo(label + 3 * DAY, 7 * DAY);
    case "month": {
      const date = new Date(label);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    }
  }
}

function nextLabel(unit: Unit, label: number): number {
  switch (unit) {
    case "minute":
      return label + MINUTE;
    case "hour":
      return label + HOUR;
    case "day":
      return label + DAY;
    case "week":
      return label + 7 * DAY;
    case "month": {
      const date = new Date(label);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    }
  }
}

/** The first instant of a local date: midnight, the earlier one where there are two, or the end of the gap. */
function startOfDate(timezone: string, label: number): number {
  const before = label - offsetAt(timezone, label - DAY);
  const after = label - offsetAt(timezone, label + DAY);
  let low = Math.min(before, after);
  let high = Math.max(before, after);
  if (low + offsetAt(timezone, low) === label) return low;
  if (high + offsetAt(timezone, high) === label) return high;
  // Clocks skipped midnight: the instant they did is the first one that shows this date.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle + offsetAt(timezone, middle) >= label) high = middle;
    else low = middle;
  }
  return high;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** How far local time is ahead of UTC at an instant, in ms. */
function offsetAt(timezone: string, time: number): number {
  let formatter = formatters.get(timezone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
    formatters.set(timezone, formatter);
  }
  const name = formatter.formatToParts(time).find((part) => part.type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0", seconds = "0"] =
    /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? [];
  const offset = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * 1000;
  return sign === "-" ? -offset : offset;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
