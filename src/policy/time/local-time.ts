/** An instant as clocks and calendars show it somewhere. */
export interface LocalTime {
  /** `09:05`, on a clock of 24 hours. */
  readonly time: string;
  readonly hour: number;
  readonly weekday: (typeof WEEKDAYS)[number];
  /** `2026-03-29`. */
  readonly date: string;
}

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const MINUTE = 60_000;

/** Calls come in the order of time: the minute of the last one is nearly always that of the next. */
const last = new Map<string, { minute: number; shown: LocalTime }>();
const formatters = new Map<string, Intl.DateTimeFormat>();

/** @param time ms since the epoch */
export function localTime(time: number, timezone: string): LocalTime {
  const minute = Math.floor(time / MINUTE);
  const known = last.get(timezone);
  if (known?.minute === minute) return known.shown;
  const shown = format(minute * MINUTE, timezone);
  // As many entries as there are time zones in policies.
  last.set(timezone, { minute, shown });
  return shown;
}

function format(time: number, timezone: string): LocalTime {
  let formatter = formatters.get(timezone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      weekday: "short",
    });
    formatters.set(timezone, formatter);
  }
  const parts = new Map(formatter.formatToParts(time).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? "";
  const weekday = part("weekday").toLowerCase();
  return {
    time: `${part("hour")}:${part("minute")}`,
    hour: Number(part("hour")),
    weekday: WEEKDAYS.find((each) => each === weekday) ?? "mon",
    date: `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`,
  };
}

/** The instant (ms since the epoch) at which clocks in `timezone` show a local time given as ms of the same in UTC. */
export function instantOf(label: number, timezone: string): number {
  const shownAt = (time: number) => {
    const { date, time: clock } = localTime(time, timezone);
    return Date.parse(`${date}T${clock}Z`) + (((time % MINUTE) + MINUTE) % MINUTE);
  };
  // Twice: the first guess may be on the other side of a change of clocks.
  let time = label;
  for (let i = 0; i < 2; i++) time += label - shownAt(time);
  return time;
}
