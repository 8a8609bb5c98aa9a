import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { windowAt } from "../../src/state/windows.ts";

type Unit = "minute" | "hour" | "day" | "week" | "month";
const UNITS: Unit[] = ["minute", "hour", "day", "week", "month"];
const ZONES = [
  "UTC",
  "Europe/London",
  "America/New_York",
  "America/St_Johns",
  "America/Sao_Paulo",
  "America/Havana",
  "Asia/Kolkata",
  "Asia/Beirut",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
];

const time = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) });
const unit = fc.constantFrom(...UNITS);
const zone = fc.constantFrom(...ZONES);

function at(unit: Unit, timezone: string, time: number): { start: number; end: number } {
  const { start, end } = windowAt({ kind: "calendar", unit, timezone }, time);
  if (end === null) throw new Error("a calendar window ends");
  return { start, end };
}

/** The local date and time that a clock on the wall shows. */
function wall(timezone: string, time: number) {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(time);
  const get = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  const date = `${get("year")}-${get("month")}-${get("day")}`;
  return { date, clock: `${get("hour")}:${get("minute")}:${get("second")}` };
}

/** First date of the window that a date is in, from nothing but the calendar. */
function windowDate(unit: Unit, date: string): string {
  if (unit === "month") return `${date.slice(0, 7)}-01`;
  if (unit === "day") return date;
  const day = new Date(`${date}T00:00:00Z`);
  while (day.getUTCDay() !== 1) day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

describe("calendar windows", () => {
  test("cover all of time without gap or overlap", () => {
    fc.assert(
      fc.property(unit, zone, time, (unit, zone, time) => {
        const { start, end } = at(unit, zone, time);
        expect(start).toBeLessThanOrEqual(time);
        expect(end).toBeGreaterThan(time);
        for (const inside of [start, end - 1, Math.floor((start + end) / 2)]) {
          expect(at(unit, zone, inside)).toEqual({ start, end });
        }
        expect(at(unit, zone, end).start).toBe(end);
        expect(at(unit, zone, start - 1).end).toBe(start);
      }),
      { numRuns: 1500 },
    );
  });

  test("hold what the wall's calendar says", () => {
    // Where clocks change at midnight, it is skipped or shown twice; those zones are in the examples below.
    const plain = fc.constantFrom(
      ...ZONES.filter((name) => !/Havana|St_Johns|Sao_Paulo|Beirut|Cairo|Casablanca|Apia/.test(name)),
    );
    fc.assert(
      fc.property(fc.constantFrom<Unit>("day", "week", "month"), plain, time, (unit, zone, time) => {
        const { start, end } = at(unit, zone, time);
        const date = windowDate(unit, wall(zone, time).date);
        expect(wall(zone, start)).toEqual({ date, clock: "00:00:00" });
        expect(windowDate(unit, wall(zone, end - 1).date)).toBe(date);
        expect(wall(zone, end).clock).toBe("00:00:00");
      }),
      { numRuns: 800 },
    );
  });

  test("in UTC are plain arithmetic", () => {
    fc.assert(
      fc.property(unit, time, (unit, time) => {
        const iso = new Date(time).toISOString();
        const date = windowDate(unit, iso.slice(0, 10));
        const start =
          unit === "minute"
            ? `${iso.slice(0, 17)}00.000Z`
            : unit === "hour"
              ? `${iso.slice(0, 14)}00:00Z`
              : date;
        expect(at(unit, "UTC", time).start).toBe(Date.parse(start));
      }),
    );
  });

  const HOUR = 3_600_000;
  test.each([
    ["Europe/London", "2025-03-30T12:00:00Z", 23],
    ["Europe/London", "2025-10-26T12:00:00Z", 25],
    ["America/New_York", "2025-03-09T18:00:00Z", 23],
    ["America/New_York", "2025-11-02T18:00:00Z", 25],
    ["Australia/Lord_Howe", "2025-04-06T00:00:00Z", 24.5],
    // Midnight skipped: the day starts at 01:00.
    ["Asia/Beirut", "2022-03-27T12:00:00Z", 23],
    ["America/Sao_Paulo", "2018-11-04T12:00:00Z", 23],
    // 00:01 back to 23:01: the evening shown again belongs to the day that had begun.
    ["America/St_Johns", "2010-11-07T12:00:00Z", 25],
  ])("a day in %s at %s has %d hours", (zone, iso, hours) => {
    const { start, end } = at("day", zone, Date.parse(iso));
    expect((end - start) / HOUR).toBe(hours);
  });

  test("the day that Samoa skipped is not there", () => {
    const before = at("day", "Pacific/Apia", Date.parse("2011-12-30T09:59:59Z"));
    expect(wall("Pacific/Apia", before.start).date).toBe("2011-12-29");
    expect(wall("Pacific/Apia", before.end).date).toBe("2011-12-31");
  });

  test("an hour is an hour on the days clocks change", () => {
    for (
      let time = Date.parse("2025-10-25T22:00:00Z");
      time < Date.parse("2025-10-27T02:00:00Z");
      time += 600_000
    ) {
      const { start, end } = at("hour", "Europe/London", time);
      expect(end - start).toBe(HOUR);
    }
  });

  test("a zone that does not exist is an error", () => {
    expect(() => at("day", "Mars/Olympus", 0)).toThrow(RangeError);
  });
});

test("the others have no calendar", () => {
  expect(windowAt({ kind: "session" }, 5)).toEqual({ start: 0, end: null });
  expect(windowAt({ kind: "forever" }, 5)).toEqual({ start: 0, end: null });
  expect(windowAt({ kind: "sliding", ms: 1000 }, 5000)).toEqual({ start: 4001, end: null });
});
