import type { Json } from "../../wire/json.ts";
import { Complaint } from "../complaint.ts";
import { show } from "../show.ts";
import { INEXACT } from "./equality.ts";
import type { Held, Operator } from "./operators.ts";

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

/**
 * `between`: numbers and dates with both ends; times of day up to, not including, the end, and over midnight
 * where the end is the earlier one.
 */
export const between: Operator = {
  compile(value) {
    if (!Array.isArray(value) || value.length !== 2) {
      throw new Complaint(`between takes two values, not ${show(value)}`, HELP);
    }
    const [from, to]: unknown[] = value;
    if (typeof from === "number" && typeof to === "number") {
      if (from > to)
        throw new Complaint(`between ${from} and ${to} is nothing`, "write the smaller one first");
      return (actual) => numbers(actual, from, to);
    }
    if (isText(from, DATE) && isText(to, DATE)) {
      if (from > to)
        throw new Complaint(`between ${from} and ${to} is nothing`, "write the earlier one first");
      return (actual) =>
        isText(actual, DATE) ? actual >= from && actual <= to : "it is not a date like 2026-12-31";
    }
    if (isText(from, TIME) && isText(to, TIME)) {
      if (from === to) throw new Complaint(`between ${from} and ${to} is nothing`, "the end is not included");
      const inside = (at: string) => (from < to ? at >= from && at < to : at >= from || at < to);
      return (actual) => (isText(actual, TIME) ? inside(actual) : "it is not a time like 09:30");
    }
    throw new Complaint(`between cannot compare ${show(from)} and ${show(to)}`, HELP);
  },
  must: (value) =>
    Array.isArray(value) ? `must be between ${show(value[0])} and ${show(value[1])}` : "must be between",
};

const HELP =
  'write two numbers, times or dates: [1, 500], ["09:00", "18:00"] or ["2026-01-01", "2026-12-31"]';

const isText = (value: unknown, form: RegExp): value is string =>
  typeof value === "string" && form.test(value);

function numbers(actual: Json, from: number, to: number): Held {
  if (typeof actual === "number") return actual >= from && actual <= to;
  return JSON.isRawJSON(actual) ? INEXACT : "between compares numbers here";
}
