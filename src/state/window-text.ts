import type { Window } from "../policy/types.ts";
import { StoreError } from "./store-error.ts";

/** A window as the state file keeps it: "calendar day Europe/London", "sliding 600000", "session", "forever". */
export function windowToText(window: Window): string {
  switch (window.kind) {
    case "calendar":
      return `calendar ${window.unit} ${window.timezone}`;
    case "sliding":
      return `sliding ${window.ms}`;
    default:
      return window.kind;
  }
}

/** @throws {StoreError} for a text that `windowToText` does not make. */
export function windowFromText(text: string): Window {
  const [kind, first, timezone] = text.split(" ");
  switch (kind) {
    case "calendar":
      if (timezone === undefined) break;
      switch (first) {
        case "minute":
        case "hour":
        case "day":
        case "week":
        case "month":
          return { kind, unit: first, timezone };
      }
      break;
    case "sliding":
      if (Number.isSafeInteger(Number(first))) return { kind, ms: Number(first) };
      break;
    case "session":
    case "forever":
      return { kind };
  }
  throw new StoreError(
    `the state file has a counter with the window "${text}", which this Callgate does not know.`,
  );
}
