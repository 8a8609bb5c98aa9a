import { Complaint } from "../complaint.ts";

const UNITS = { B: 1, KB: 1_000, MB: 1_000_000, KIB: 1_024, MIB: 1_048_576 } as const;

/**
 * Bytes of `500`, `64KB`, `1.5MB` or `1MiB`.
 * @throws {Complaint}
 */
export function parseSize(given: string | number): number {
  const [, count = "", unit = "B"] = /^(\d{1,12}(?:\.\d{1,3})?) ?([A-Za-z]+)?$/.exec(String(given)) ?? [];
  const scale = UNITS[unit.toUpperCase() as keyof typeof UNITS];
  const bytes = Math.floor(Number(count) * (scale ?? Number.NaN));
  if (count === "" || !Number.isSafeInteger(bytes) || bytes < 1) {
    throw new Complaint(
      `${JSON.stringify(given)} is not a size`,
      "write bytes, or a size such as 64KB or 1MB",
    );
  }
  return bytes;
}
