import { basename } from "node:path";
import { parseName } from "../audit/last.ts";
import { readLines } from "../audit/lines.ts";
import type { AuditRecord } from "../audit/record.ts";
import { recordIn } from "../audit/record-in.ts";

/** A record, and the gateway that wrote it. */
export interface Recorded {
  readonly gateway: string;
  readonly record: AuditRecord;
}

/** Told of a line that is no record; 1-based. */
export type OnUnreadable = (file: string, line: number) => void;

/**
 * The records of logs: each gateway's in the order in which it wrote them, those of several by their times.
 *
 * @param files those of one gateway in the order in which they continue each other
 */
export async function* readRecords(
  files: readonly string[],
  unreadable: OnUnreadable,
): AsyncGenerator<Recorded> {
  const waiting = await inOrderOfStart(files);
  const running: Running[] = [];
  for (;;) {
    let first = earliest(running);
    // A gateway's files are opened when the others have got that far: there may be many more than can be open.
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (first !== null && first.head.time < next.start) break;
      waiting.shift();
      const records = recordsOf(next.files, unreadable);
      const head = await advance(records);
      if (head !== null) running.push({ gateway: next.gateway, records, head });
      first = earliest(running);
    }
    if (first === null) return;
    yield { gateway: first.gateway, record: first.head };
    const head = await advance(first.records);
    if (head === null) running.splice(running.indexOf(first), 1);
    else first.head = head;
  }
}

/** The logs of one gateway that are being read. */
interface Running {
  readonly gateway: string;
  readonly records: AsyncGenerator<AuditRecord>;
  /** Its next record. */
  head: AuditRecord;
}

function earliest(running: readonly Running[]): Running | null {
  let first: Running | null = null;
  for (const each of running) if (first === null || each.head.time < first.head.time) first = each;
  return first;
}

async function advance(records: AsyncGenerator<AuditRecord>): Promise<AuditRecord | null> {
  const { value, done } = await records.next();
  return done === true ? null : value;
}

/** Files by gateway, with the time of its first record. */
async function inOrderOfStart(files: readonly string[]) {
  const gateways = Map.groupBy(files, (file) => parseName(basename(file))?.gateway ?? file);
  const all: { gateway: string; files: string[]; start: string }[] = [];
  for (const [gateway, files] of gateways) {
    const records = recordsOf(files, () => {});
    const head = await advance(records);
    await records.return(undefined);
    all.push({ gateway, files, start: head?.time ?? "" });
  }
  return all.sort((a, b) => (a.start < b.start ? -1 : 1));
}

async function* recordsOf(files: readonly string[], unreadable: OnUnreadable): AsyncGenerator<AuditRecord> {
  for (const file of files) {
    let line = 0;
    for await (const { bytes, ended } of readLines(file)) {
      line++;
      if (!ended) break; // still being written, or torn by a crash
      const record = recordIn(bytes.toString("utf8"));
      if (record === null) unreadable(file, line);
      else yield record;
    }
  }
}
