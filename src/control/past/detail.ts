/** Everything that the audit log has of one call. */
import type { AuditRecord } from "../../audit/record.ts";
import { DETAIL_TEXT } from "../protocol.ts";
import { type CallRecord, saidIn } from "./calls.ts";
import { linesOf, logOf } from "./logs.ts";

type ResultRecord = Extract<AuditRecord, { kind: "result" }>;

export interface PastDetail {
  /** Those judged and sent: JSON text as it was recorded, indented, cut to DETAIL_TEXT characters. */
  readonly arguments: string;
  /** Those that came, likewise, where plugins made others of them. */
  readonly came: string | null;
  /** How much of them was recorded. */
  readonly recorded: CallRecord["recorded"];
  /** Decimal text. */
  readonly counters: readonly { readonly name: string; readonly before: string; readonly add: string }[];
  /** Hash of the policy that decided. */
  readonly policy: string;
  /** What a person answered, if it was held. */
  readonly held: string | null;
  /** null where no end of it was recorded. */
  readonly result: Pick<ResultRecord, "resultHash" | "bytes" | "refunded" | "handed"> | null;
  /** Hash of the record of the decision. */
  readonly hash: string;
}

/** Null where the log does not have it. */
export async function pastDetail(dir: string, gateway: string, id: string): Promise<PastDetail | null> {
  const log = await logOf(dir, gateway);
  return log === null ? null : detailIn(log.files, id);
}

/** @param files one gateway's, in the order in which they were written */
export async function detailIn(files: readonly string[], id: string): Promise<PastDetail | null> {
  const mark = `"call":${JSON.stringify(id)}`;
  let result: PastDetail["result"] = null;
  let held: string | null = null;
  for await (const lines of linesOf(files)) {
    for (const line of lines.toReversed()) {
      const said = line.includes(mark) ? saidIn(line) : null;
      if (said?.call !== id) continue;
      if (said.kind === "call") return detailOf(said, result, held);
      if (said.kind === "hold")
        held ??= said.message === "" ? said.answer : `${said.answer}: ${said.message}`;
      else result ??= said;
    }
  }
  return null;
}

function detailOf(record: CallRecord, result: PastDetail["result"], held: string | null): PastDetail {
  return {
    arguments: shown(record.edited ?? record.arguments),
    came: record.edited === null ? null : shown(record.arguments),
    recorded: record.recorded,
    counters: record.counters.map(({ id, before, add }) => ({ name: counterName(id), before, add })),
    policy: record.policy,
    held,
    result,
    hash: record.hash,
  };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text.length > DETAIL_TEXT ? `${text.slice(0, DETAIL_TEXT)}…` : text;
}

/** A counter's id as people read it; the id itself where it is none of ours. */
function counterName(id: string): string {
  try {
    const [, scope, counter, , partition] = JSON.parse(id);
    return `${scope}.${counter}${partition ? ` [${partition}]` : ""}`;
  } catch {
    return id;
  }
}
