import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { checkSeal, GENESIS } from "./chain.ts";
import type { PublicKey } from "./key.ts";
import { byName, parseName } from "./last.ts";
import { type Line, readLines } from "./lines.ts";
import { type Place, placeSchema } from "./schema.ts";

/** Something that a log written by a gateway and left alone does not have. */
export interface Finding {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

/** What verifying one file found. */
export interface FileReport {
  readonly path: string;
  /** Lines that are whole records. */
  readonly records: number;
  /** In the order of lines; the first 100. */
  readonly findings: readonly Finding[];
  /** How many more there were. */
  readonly more: number;
  /** The line at which the file breaks off in the middle of a record, as a crash leaves it; null: none. */
  readonly torn: number | null;
  /** Whether the last record is a `close`. Where not, the gateway runs, was killed, or the end was cut off. */
  readonly closed: boolean;
  /** What its first record says comes before it; null where nothing does, undefined where it does not say. */
  readonly previous: { readonly file: string; readonly hash: string } | null | undefined;
  /** Hash of its last record; null where it has none. */
  readonly lastHash: string | null;
  /** Files that its gateway says it removed, being old; has signed so, where a key was given. */
  readonly removed: readonly string[];
  /** Records after the last checkpoint that the key has signed; null where no key was given. */
  readonly unsigned: number | null;
}

const FINDINGS_MAX = 100;
/** A gateway signs what it records within seconds: more than this, in ms, cannot be left unsigned. */
const UNSIGNED_MAX = 60_000;

/**
 * Checks that a file is one whole chain from its `open` record on: no record edited, removed, moved or added.
 * What was cut off its end shows only in the file that continues it (`verifyDir`).
 * Errors of the file system are thrown as they come.
 * @param key also that its checkpoints were signed with it: a file that was written anew, hashes and all, has none.
 */
export async function verifyFile(path: string, key: PublicKey | null = null): Promise<FileReport> {
  const chain = new ChainCheck(key);
  for await (const line of readLines(path)) chain.take(line);
  const report = chain.report(path);
  const misnamed = misnaming(basename(path), chain.first);
  return misnamed === null ? report : withFinding(report, misnamed);
}

/** What is wrong with the name of a file whose first record this is; null for names that are not a log's. */
function misnaming(name: string, first: Place | null): string | null {
  const parts = parseName(name);
  if (parts === null || first?.kind !== "open") return null;
  const day = first.time.slice(0, 10);
  if (parts.gateway === first.gateway && parts.date === day) return null;
  return `it is a log of the gateway ${first.gateway} of ${day}: it was renamed, or is a copy`;
}

/** Checks every log of a folder, and that each file continues the end of the one it names. */
export async function verifyDir(dir: string, key: PublicKey | null = null): Promise<FileReport[]> {
  const names = (await readdir(dir)).filter((name) => parseName(name) !== null).sort(byName);
  const reports: FileReport[] = [];
  for (const name of names) reports.push(await verifyFile(join(dir, name), key));
  return linkFiles(reports);
}

/** Adds to the reports of a folder's files what is wrong between them. */
function linkFiles(reports: readonly FileReport[]): FileReport[] {
  const byName = new Map(reports.map((report) => [basename(report.path), report]));
  const removed = new Set(reports.flatMap((report) => report.removed));
  const continuing = new Map<string, FileReport>();
  return reports.map((report) => {
    const { previous } = report;
    const place = `${parseName(basename(report.path))?.gateway} ${previous?.file ?? ""}`;
    const twin = previous === undefined ? undefined : continuing.get(place);
    if (twin !== undefined) {
      const name = basename(twin.path);
      return withFinding(
        report,
        `it has the place of ${name} in its gateway's log: one of the two was put in`,
      );
    }
    continuing.set(place, report);
    if (previous === null || previous === undefined) return report;
    const before = byName.get(previous.file);
    if (before === undefined) {
      if (removed.has(previous.file)) return report;
      return withFinding(report, `it continues ${previous.file}, which is not in its folder`);
    }
    if (before.lastHash === previous.hash) return report;
    return withFinding(
      report,
      `it does not continue the last record of ${previous.file}: records were cut off there, or added`,
    );
  });
}

function withFinding(report: FileReport, message: string): FileReport {
  return { ...report, findings: [{ line: 1, message }, ...report.findings] };
}

class ChainCheck {
  readonly #findings: Finding[] = [];
  readonly #key: PublicKey | null;
  #removed: readonly string[] = [];
  /** Files said to be removed since the last checkpoint: who wants to cut one out may write so too. */
  #removedUnsigned: readonly string[] = [];
  /** Records since the last one that a checkpoint covers, and the time of the first of them. */
  #unsigned = 0;
  #unsignedSince: string | null = null;
  /** Whether there is more among them than what opens and closes a file. */
  #unsignedWork = false;
  #more = 0;
  #line = 0;
  #records = 0;
  #torn: number | null = null;
  #first: Place | null = null;
  /** The record that the next one has to follow. */
  #last: Place | null = null;
  /** Lines since then that are no records. */
  #unreadable = 0;

  constructor(key: PublicKey | null) {
    this.#key = key;
  }

  take({ bytes, ended }: Line): void {
    this.#line++;
    if (!ended) {
      // A gateway writes the line feed with the record, so this one was not written whole.
      this.#torn = this.#line;
      return;
    }
    const seal = checkSeal(bytes);
    const place = seal === null ? null : readPlace(bytes);
    if (seal === null || place === null) {
      this.#unreadable++;
      this.#find("not a record: the line was edited or put in");
      return;
    }
    this.#records++;
    if (seal.claimed !== seal.actual) {
      const seq = this.#last === null ? place.seq : this.#last.seq + 1;
      this.#find(`record ${seq} was edited: its hash is not that of its text`);
      this.#first ??= place;
      // Nothing it says can be relied on, but those after it can still be measured by where it stands.
      this.#last = { ...place, seq };
      return;
    }
    // A line that was put in does not become the measure of those after it.
    if (!this.#follows(place)) return;
    this.#last = place;
    if (place.kind === "removed") this.#removedUnsigned = [...this.#removedUnsigned, ...(place.files ?? [])];
    if (this.#key !== null) this.#checkSigned(place, this.#key);
  }

  /** The first record. */
  get first(): Place | null {
    return this.#first;
  }

  #checkSigned(place: Place, key: PublicKey): void {
    if (place.kind !== "checkpoint") {
      this.#unsigned++;
      this.#unsignedSince ??= place.time;
      this.#unsignedWork ||= place.kind !== "open" && place.kind !== "close";
      return;
    }
    this.#unsigned = 0;
    this.#unsignedSince = null;
    this.#unsignedWork = false;
    if (place.key !== key.id) {
      this.#find(`checkpoint ${place.seq} was signed with the key ${place.key}, not with ${key.id}`);
    } else if (place.signature === undefined || !key.signed(place.prev, place.signature)) {
      this.#find(`checkpoint ${place.seq} was not signed with the key ${key.id}: the file was rewritten`);
    } else {
      this.#removed = [...this.#removed, ...this.#removedUnsigned];
      this.#removedUnsigned = [];
    }
  }

  /** What no checkpoint covers must be no more than what a crash cuts off; who closes in order has signed before. */
  #checkUnsigned(): void {
    const last = this.#last;
    if (last === null || this.#unsignedSince === null) return;
    const inOrder = last.kind === "close" && this.#unsignedWork;
    if (!inOrder && Date.parse(last.time) - Date.parse(this.#unsignedSince) <= UNSIGNED_MAX) return;
    this.#find(
      `the last ${this.#unsigned} records, from ${this.#unsignedSince} on, are not signed: ` +
        "they were rewritten, or the gateway had no key",
    );
  }

  report(path: string): FileReport {
    if (this.#line === 0) this.#find("the file is empty: every log starts with an open record");
    this.#checkUnsigned();
    return {
      path,
      records: this.#records,
      findings: this.#findings,
      more: this.#more,
      torn: this.#torn,
      closed: this.#last?.kind === "close",
      previous: this.#first === null ? undefined : this.#first.previous,
      lastHash: this.#last?.hash ?? null,
      removed: this.#key === null ? this.#removedUnsigned : this.#removed,
      unsigned: this.#key === null ? null : this.#unsigned,
    };
  }

  /** Whether a record comes after the last one, rightly or with a gap. */
  #follows(place: Place): boolean {
    const last = this.#last;
    if (last === null) {
      this.#first = place;
      this.#checkStart(place);
      return true;
    }
    if (last.kind === "close") {
      this.#find(`record ${place.seq} comes after the close record, and nothing does: it was added`);
      return false;
    }
    const gap = place.seq - last.seq - 1;
    if (gap < 0) {
      this.#find(`record ${place.seq} comes after record ${last.seq}: it was moved, repeated or put in`);
      return false;
    }
    if (gap > this.#unreadable) {
      const missing =
        gap === 1 ? `record ${last.seq + 1} is` : `records ${last.seq + 1} to ${place.seq - 1} are`;
      this.#find(`${missing} missing before this line`);
    } else if (gap === 0 && place.prev !== last.hash) {
      this.#find(
        `record ${place.seq} does not follow the record ${last.seq} above it: ` +
          "one of the two was replaced, with its hash",
      );
    }
    this.#unreadable = 0;
    return true;
  }

  #checkStart(place: Place): void {
    if (place.kind !== "open") {
      this.#find(
        `the file starts with record ${place.seq}, not with an open record: its beginning was cut off`,
      );
    } else if (place.prev !== (place.previous?.hash ?? GENESIS)) {
      this.#find("the open record does not agree with itself on what comes before it");
    }
    this.#unreadable = 0;
  }

  #find(message: string): void {
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push({ line: Math.max(this.#line, 1), message });
    else this.#more++;
  }
}

function readPlace(bytes: Buffer): Place | null {
  try {
    return placeSchema.safeParse(JSON.parse(bytes.toString("utf8"))).data ?? null;
  } catch {
    return null;
  }
}
