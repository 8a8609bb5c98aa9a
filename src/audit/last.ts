import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { GENESIS } from "./chain.ts";

/** Where a gateway's chain ended. */
export interface ChainEnd {
  /** Name of the file, without its folder. */
  readonly file: string;
  readonly seq: number;
  readonly hash: string;
}

/**
 * The last record that an earlier run of a gateway left in a folder; null where it left none. Where the end
 * of its last file is not a record, the answer is one that no record follows: verifying shows the break.
 */
export function lastOf(dir: string, gateway: string): ChainEnd | null {
  let last: { name: string; date: string; number: number } | null = null;
  for (const name of readdirSync(dir)) {
    const parts = parseName(name);
    if (parts?.gateway !== gateway) continue;
    const { date, number } = parts;
    if (last === null || date > last.date || (date === last.date && number > last.number)) {
      last = { name, date, number };
    }
  }
  if (last === null) return null;
  const line = lastLine(join(dir, last.name));
  const end = /^\{"seq":(\d+),.*,"hash":"([0-9a-f]{64})"\}$/s.exec(line);
  return { file: last.name, seq: Number(end?.[1] ?? 0), hash: end?.[2] ?? GENESIS };
}

/** The parts of a log's file name; null for any other. `number` tells several of one day apart. */
export function parseName(name: string): { date: string; gateway: string; number: number } | null {
  const match = /^(\d{4}-\d\d-\d\d)-([A-Za-z0-9_-]+?)(?:\.(\d+))?\.jsonl$/.exec(name);
  if (match === null) return null;
  const [, date = "", gateway = "", number = "1"] = match;
  return { date, gateway, number: Number(number) };
}

/** The order in which one gateway writes its files; other names come as they are spelled. */
export function byName(a: string, b: string): number {
  const [x, y] = [parseName(a), parseName(b)];
  const sameDay = x !== null && y !== null && x.date === y.date && x.gateway === y.gateway;
  if (sameDay) return x.number - y.number;
  return a < b ? -1 : a > b ? 1 : 0;
}

const LINE_FEED = 0x0a;
const CHUNK = 65_536;

/** The last line that ends with a line feed, read from the end; "" where there is none. */
function lastLine(path: string): string {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    let tail = Buffer.alloc(0);
    for (let start = size; start > 0; ) {
      const length = Math.min(start, Math.max(CHUNK, tail.length));
      start -= length;
      const chunk = Buffer.alloc(length);
      readSync(fd, chunk, 0, length, start);
      tail = Buffer.concat([chunk, tail]);
      const end = tail.lastIndexOf(LINE_FEED);
      const before = end <= 0 ? -1 : tail.lastIndexOf(LINE_FEED, end - 1);
      if (end >= 0 && (before >= 0 || start === 0)) return tail.toString("utf8", before + 1, end);
    }
    return "";
  } finally {
    closeSync(fd);
  }
}
