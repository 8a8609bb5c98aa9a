import { Complaint } from "../complaint.ts";
import { show } from "../show.ts";
import { oneOf } from "../suggest.ts";
import { WEEKDAYS } from "../time/local-time.ts";
import { CLASSES } from "../tools/classes.ts";
import type { OperatorName } from "./operators.ts";
import type { Path } from "./paths.ts";

/** Paths of which all possible values are known. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "now.weekday": WEEKDAYS,
  "tool.class": CLASSES,
};
const DAYS = {
  monday: "mon",
  tuesday: "tue",
  wednesday: "wed",
  thursday: "thu",
  friday: "fri",
  saturday: "sat",
  sunday: "sun",
};
const NUMERIC: readonly OperatorName[] = ["lt", "lte", "gt", "gte"];
const MEMBERSHIP: readonly OperatorName[] = ["eq", "neq", "in", "not_in"];

/**
 * Whether what a path can hold and what it is compared with go together, where that is known beforehand.
 * @throws {Complaint}
 */
export function checkDomain({ root, text }: Path, op: OperatorName, value: unknown): void {
  if (root === "args" || root === "result" || root === "state" || text.startsWith("tool.annotations")) return;
  if (text !== "now.hour" && NUMERIC.includes(op)) {
    const help = text.startsWith("now.")
      ? 'use between, such as value: ["09:00", "18:00"]'
      : "use eq, in or glob";
    throw new Complaint(`${op} compares numbers, and ${text} is text`, help, "op");
  }
  const known = VALUES[text];
  if (known === undefined) return;
  if (!MEMBERSHIP.includes(op))
    throw new Complaint(`${op} does not apply to ${text}`, `use ${MEMBERSHIP.join(", ")}`, "op");
  for (const each of Array.isArray(value) ? value : [value]) {
    if (typeof each === "string" && known.includes(each)) continue;
    throw new Complaint(`${text} is never ${show(each)}`, oneOf(String(each), known, DAYS));
  }
}
