import { parseStrict } from "../wire/parse.ts";
import type { AuditRecord } from "./record.ts";
import { recordSchema } from "./schema.ts";

/**
 * The record that a line of a log is; null where it is none. Numbers keep the digits that a double would lose:
 * amounts are judged by them.
 */
export function recordIn(line: string): AuditRecord | null {
  try {
    return recordSchema.safeParse(parseStrict(line)).data ?? null;
  } catch {
    return null;
  }
}
