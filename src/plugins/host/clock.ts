import type { LocalTime } from "../api.ts";

/**
 * Makes the function that shows an instant (ms since the epoch) as the clocks of a time zone do.
 *
 * Runs inside the isolate, where its source text is evaluated: it can use nothing from outside itself.
 */
export function makeClock(): (now: number, zone: string) => LocalTime {
  const MINUTE = 60_000;
  const MOST_ZONES = 32;
  const formats = new Map<string, Intl.DateTimeFormat>();
  let shown: { readonly zone: string; readonly minute: number; readonly time: LocalTime } | null = null;

  function formatOf(timeZone: string): Intl.DateTimeFormat {
    const known = formats.get(timeZone);
    if (known !== undefined) return known;
    const two = "2-digit" as const;
    const date = { year: "numeric", month: two, day: two, weekday: "short" } as const;
    const made = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      ...date,
      hour: two,
      minute: two,
    });
    if (formats.size >= MOST_ZONES) formats.clear();
    formats.set(timeZone, made);
    return made;
  }

  function show(now: number, zone: string): LocalTime {
    const part: Record<string, string> = {};
    for (const { type, value } of formatOf(zone).formatToParts(now)) part[type] = value;
    return {
      time: `${part.hour}:${part.minute}`,
      hour: Number(part.hour),
      minute: Number(part.minute),
      weekday: part.weekday?.toLowerCase() as LocalTime["weekday"],
      date: `${part.year?.padStart(4, "0")}-${part.month}-${part.day}`,
    };
  }

  // Calls come in the order of time: the minute of the last one is nearly always that of the next.
  return (now, zone) => {
    const minute = Math.floor(now / MINUTE);
    if (shown?.zone !== zone || shown.minute !== minute) {
      shown = { zone, minute, time: Object.freeze(show(now, zone)) };
    }
    return shown.time;
  };
}
