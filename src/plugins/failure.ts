import type { GuestReply } from "./answers.ts";
import { type Place, placeIn } from "./places.ts";
import type { HostFault } from "./supervisor.ts";

/** Why a plugin gave no answer that can be used. */
export interface Failure {
  readonly kind: HostFault["kind"] | "malformed";
  /** A clause that starts with "it": `it threw TypeError: x is not a function`. */
  readonly reason: string;
  /** Where in the plugin's own files; null where that is not known. */
  readonly place: Place | null;
}

export interface Limits {
  /** ms. */
  readonly timeout: number;
  /** MB. */
  readonly memory: number;
}

/** @param files the plugin's files, as stacks name them */
export function failureOf(fault: HostFault, limits: Limits, files: readonly string[]): Failure {
  const place = placeIn(fault.stack, files) ?? placeIn(fault.message, files);
  const reasons: Partial<Record<HostFault["kind"], string>> = {
    timeout: `it ran longer than ${limits.timeout} ms`,
    memory: `it used more than ${limits.memory} MB of memory`,
    threw: `it threw ${oneLine(fault.message)}`,
  };
  return { kind: fault.kind, reason: reasons[fault.kind] ?? fault.message, place };
}

export function failureOfError(error: NonNullable<GuestReply["error"]>, files: readonly string[]): Failure {
  const { name, message, stack } = error;
  const thrown = [name, message].filter((part) => part !== "").join(": ");
  const reason = `it threw ${thrown === "" ? "an error that cannot be shown" : oneLine(thrown)}`;
  return { kind: "threw", reason, place: placeIn(stack, files) };
}

/** `it threw TypeError: x is not a function (plugins/a.ts:3:5)`. */
export function failureText({ reason, place }: Failure): string {
  return place === null ? reason : `${reason} (${place.file}:${place.line}:${place.col})`;
}

/** Longest text of a plugin's error in a sentence. */
const LONGEST = 300;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line;
}
