import { Complaint } from "../complaint.ts";

export const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** ms of `90s`, `2m`, `1h` or `7d`; null for any other text. */
export function durationMs(text: string): number | null {
  const [, count = "", unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  return count === "" ? null : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

const LONGEST_MS = 7 * UNIT_MS.d;

/**
 * How long something may wait.
 * @throws {Complaint}
 */
export function parseDuration(text: string): number {
  const ms = durationMs(text);
  if (ms !== null && ms > 0 && ms <= LONGEST_MS) return ms;
  throw new Complaint(
    `${JSON.stringify(text)} is not a time to wait`,
    "write a duration from 1s to 7d, such as 2m",
  );
}
