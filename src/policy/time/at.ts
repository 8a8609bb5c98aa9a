import { Complaint } from "../complaint.ts";
import { instantOf } from "./local-time.ts";

const FORM = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?$/;

/**
 * The instant of `2026-03-02T14:00`: by the clocks of `timezone`, or where the text says which with `Z` or `+01:00`
 * by those. In ms since the epoch.
 * @throws {Complaint}
 */
export function parseAt(text: string, timezone: string): number {
  const [, date = "", time = "", zone] = FORM.exec(text) ?? [];
  const label = Date.parse(`${date}T${time}${zone ?? "Z"}`);
  if (date === "" || Number.isNaN(label) || !new Date(`${date}T00:00Z`).toISOString().startsWith(date)) {
    throw new Complaint(
      `${JSON.stringify(text)} is not a time`,
      "write date and time, such as 2026-03-02T14:00",
    );
  }
  return zone === undefined ? instantOf(label, timezone) : label;
}
