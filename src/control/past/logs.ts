/** The audit logs of a home, and the calls in them, latest first. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readBackwards } from "../../audit/backwards.ts";
import { byName, parseName } from "../../audit/last.ts";
import { recordIn } from "../../audit/record-in.ts";
import type { CallView } from "../protocol.ts";
import { isSaid, PastCalls, type Said } from "./calls.ts";

/** A call of the log, and the gateway that it went through. */
export interface PastCall {
  readonly gateway: string;
  readonly call: CallView;
}

/** The order of time; of one gateway's calls in the same millisecond, that of their arrival. */
export function inOrder(a: PastCall, b: PastCall): number {
  const apart = a.call.time - b.call.time;
  return apart !== 0 || a.gateway !== b.gateway ? apart : Number(a.call.id) - Number(b.call.id) || 0;
}

/** Told of each line that is no record: damaged, or of another version. */
export type OnUnreadable = () => void;

/** What to do about them. */
export const unreadableText = (lines: number, dir: string): string =>
  `${lines} ${lines === 1 ? "line" : "lines"} of the logs in ${dir} cannot be read, so calls are missing: callgate audit verify says which`;

/** One gateway's log. */
export interface GatewayLog {
  readonly gateway: string;
  /** In the order in which they were written. */
  readonly files: readonly string[];
  /** When it was last written to, in ms since the epoch. */
  readonly written: number;
}

const DAY_MS = 86_400_000;

/** The logs in `dir` that were written to since a time (ms since the epoch); none where there is no folder. */
export async function logsSince(dir: string, since: number): Promise<GatewayLog[]> {
  const names = (await readdir(dir).catch(() => [])).sort(byName);
  // A file has the records of one day: those of days before need not be looked at.
  const day = new Date(Math.max(0, since)).toISOString().slice(0, 10);
  const recent = names.flatMap((name) => {
    const parts = parseName(name);
    return parts !== null && parts.date >= day ? [{ gateway: parts.gateway, path: join(dir, name) }] : [];
  });
  const logs: GatewayLog[] = [];
  for (const [gateway, files] of Map.groupBy(recent, (file) => file.gateway)) {
    const last = files.at(-1);
    const written =
      last === undefined
        ? 0
        : await stat(last.path).then(
            ({ mtimeMs }) => mtimeMs,
            () => 0, // Removed meanwhile.
          );
    if (written >= since) logs.push({ gateway, files: files.map(({ path }) => path), written });
  }
  return logs;
}

/** The logs of one gateway that may have something of the last `days` days. */
export async function logOf(dir: string, gateway: string, days = 7): Promise<GatewayLog | null> {
  const logs = await logsSince(dir, Date.now() - days * DAY_MS);
  return logs.find((log) => log.gateway === gateway) ?? null;
}

/**
 * The calls of several gateways, the latest first as far as their times are in order; each once. A gateway's log
 * is opened when the others have got back that far.
 */
export async function* latestCalls(
  logs: readonly GatewayLog[],
  unreadable: OnUnreadable,
): AsyncGenerator<PastCall> {
  const waiting = [...logs].sort((a, b) => b.written - a.written);
  const reading: { calls: AsyncGenerator<PastCall>; head: PastCall }[] = [];
  try {
    for (;;) {
      let first = latest(reading);
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        if (first !== null && first.head.call.time >= next.written) break;
        waiting.shift();
        const calls = callsOf(next, unreadable);
        const head = await advance(calls);
        if (head !== null) reading.push({ calls, head });
        first = latest(reading);
      }
      if (first === null) return;
      yield first.head;
      const head = await advance(first.calls);
      if (head === null) reading.splice(reading.indexOf(first), 1);
      else first.head = head;
    }
  } finally {
    for (const { calls } of reading) await calls.return(undefined);
  }
}

function latest<T extends { readonly head: PastCall }>(reading: readonly T[]): T | null {
  let first: T | null = null;
  for (const each of reading) if (first === null || each.head.call.time > first.head.call.time) first = each;
  return first;
}

async function advance(calls: AsyncGenerator<PastCall>): Promise<PastCall | null> {
  const { value, done } = await calls.next();
  return done === true ? null : value;
}

/** Records whose call is further back that are kept for it. */
const MOST_OPEN = 10_000;

async function* callsOf({ gateway, files }: GatewayLog, unreadable: OnUnreadable): AsyncGenerator<PastCall> {
  /** Of calls that have been given: what is further back of them is older. */
  const given = new Set<string>();
  /** What was said of calls that are further back. */
  let open: Said[] = [];
  for await (const lines of linesOf(files)) {
    const calls = new PastCalls();
    const said = saidBy(lines, unreadable).filter(({ call }) => !given.has(call));
    open = [...said, ...open].filter((each) => !calls.take(each)).slice(-MOST_OPEN);
    const batch = calls.all().map((call) => ({ gateway, call }));
    for (const past of batch.sort(inOrder).reverse()) {
      given.add(past.call.id);
      yield past;
    }
  }
}

function saidBy(lines: readonly string[], unreadable: OnUnreadable): Said[] {
  return lines.flatMap((line) => {
    const record = recordIn(line);
    if (record === null) unreadable();
    return record !== null && isSaid(record) ? [record] : [];
  });
}

/** Batches of the lines of several files, from the end of the last. */
export async function* linesOf(files: readonly string[]): AsyncGenerator<string[]> {
  for (const file of files.toReversed()) yield* readBackwards(file);
}
