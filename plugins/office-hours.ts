import type { LocalTime, Plugin } from "callgate/plugin";

interface Config {
  readonly open: string;
  readonly close: string;
  readonly timezone: string;
  readonly days: readonly LocalTime["weekday"][];
}

const CLOCK = "^([01]\\d|2[0-3]):[0-5]\\d$";
const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/**
 * Lets calls through in office hours only, as the clocks of a time zone show them, daylight saving included.
 * Hours that end before they start (22:00 to 06:00) pass midnight and belong to the day on which they start.
 */
export default {
  name: "office-hours",
  description: "Calls go through in office hours only",
  config: {
    open: { type: "string", pattern: CLOCK, default: "09:00", description: "when it opens, such as 09:00" },
    close: { type: "string", pattern: CLOCK, default: "18:00", description: "when it closes, such as 18:00" },
    timezone: { type: "string", default: "UTC", description: "an IANA name such as Europe/London" },
    days: {
      type: "array",
      items: { type: "string", enum: WEEK },
      default: ["mon", "tue", "wed", "thu", "fri"],
      description: "the days on which it opens",
    },
  },

  onCall(_call, ctx) {
    const { open, close, timezone, days } = ctx.config;
    const { time, weekday } = ctx.timeIn(timezone);
    const overnight = close < open;
    const afterMidnight = overnight && time < close;
    const opened = afterMidnight ? WEEK[(WEEK.indexOf(weekday) + 6) % 7] : weekday;
    const inHours = overnight ? afterMidnight || time >= open : time >= open && time < close;
    if (inHours && days.some((day) => day === opened)) return;
    return ctx.deny(`Open ${open} to ${close} (${timezone}), ${days.join(" ")}; it is ${weekday} ${time}`);
  },
} satisfies Plugin<Config>;
