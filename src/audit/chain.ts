import { hash } from "node:crypto";
import type { RecordBody } from "./record.ts";

/** `prev` of the first record of the first file: nothing comes before it. */
export const GENESIS = "0".repeat(64);

/** What a sealed line ends with: `,"hash":"<64 hex digits>"}`. */
const SEAL = /^,"hash":"([0-9a-f]{64})"\}$/;
const SEAL_LENGTH = 75;

/**
 * A record as its line of the log (without the line feed), bound to the one before it.
 * @param time ISO 8601 UTC.
 * @param prev hash of the record before.
 * @returns the line and its hash: SHA-256, in hex, of the line's UTF-8 bytes up to `,"hash":`.
 */
export function seal(
  body: RecordBody,
  seq: number,
  time: string,
  prev: string,
): { line: string; hash: string } {
  const open = `{"seq":${seq},"time":"${time}",${JSON.stringify(body).slice(1, -1)},"prev":"${prev}"`;
  const sum = hash("sha256", open);
  return { line: `${open},"hash":"${sum}"}`, hash: sum };
}

/**
 * The hash that a line says it has and the one that its bytes have: equal in a line nobody has edited.
 * Null for a line that does not end as a record does.
 */
export function checkSeal(line: Buffer): { claimed: string; actual: string } | null {
  const at = line.length - SEAL_LENGTH;
  if (at < 0) return null;
  const claimed = SEAL.exec(line.toString("latin1", at))?.[1];
  return claimed === undefined ? null : { claimed, actual: hash("sha256", line.subarray(0, at)) };
}
