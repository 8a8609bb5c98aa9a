import { watch } from "node:fs";
import { readLines } from "../audit/lines.ts";
import type { AuditRecord } from "../audit/record.ts";
import { recordSchema } from "../audit/schema.ts";
import { nameMatches } from "../policy/tools/names.ts";
import { sanitize } from "../sanitize.ts";
import { locateHome } from "../state/home.ts";
import { logsIn } from "./audit-logs.ts";
import { UsageError } from "./usage-error.ts";

/** The options as commander hands them over. */
export interface RawShowOptions {
  tool?: string;
  agent?: string;
  verdict?: "allow" | "deny" | "ask";
  since?: string;
  follow?: boolean;
  json?: boolean;
}

interface Output {
  write(text: string): unknown;
}

/** Which records are wanted. */
type Wanted = (record: AuditRecord) => boolean;

/**
 * `callgate audit show`: the records of logs in the order of their times, a line each.
 *
 * @param paths logs, or folders of them; by default those of the home
 * @returns the exit code: 0, or 1 where a line is no record
 * @throws UsageError
 */
export async function auditShow(paths: readonly string[], raw: RawShowOptions, out: Output): Promise<number> {
  const from = paths.length > 0 ? paths : [locateHome().auditDir];
  const wanted = filterOf(raw);
  const files = (await Promise.all(from.map(logsIn))).flat();
  const shown = new Map<string, number>();
  let bad = 0;
  const show = async (file: string) => {
    bad += await showFile(file, shown, wanted, raw.json === true, out);
  };
  for (const file of files) await show(file);
  if (raw.follow === true) await follow(from, show);
  return bad > 0 ? 1 : 0;
}

/** Shows what of a file has not been shown; returns how many of its lines are no records. */
async function showFile(
  file: string,
  shown: Map<string, number>,
  wanted: Wanted,
  json: boolean,
  out: Output,
): Promise<number> {
  let line = 0;
  let bad = 0;
  const done = shown.get(file) ?? 0;
  for await (const { bytes, ended } of readLines(file)) {
    if (++line <= done) continue;
    if (!ended) break; // still being written, or torn by a crash
    const text = bytes.toString("utf8");
    const record = parse(text);
    shown.set(file, line);
    if (record === null) {
      bad++;
      out.write(`${file}:${line} is no record (callgate audit verify says more)\n`);
    } else if (wanted(record)) out.write(json ? `${text}\n` : `${sanitize(describe(record))}\n`);
  }
  return bad;
}

function parse(text: string): AuditRecord | null {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A record on one line, for people. */
function describe(record: AuditRecord): string {
  const { time } = record;
  switch (record.kind) {
    case "call": {
      const { call, verdict, upstream, tool, agent, rule, message, would } = record;
      const why = rule === null ? "" : ` ${rule.name} (${rule.file}:${rule.line}): ${message}`;
      const shadow = would === null ? "" : ` (would ${would.verdict}: ${would.rule}: ${would.message})`;
      const text = (value: unknown) => JSON.stringify(value).slice(0, 200);
      const edited = record.edited === null ? "" : ` edited to ${text(record.edited)}`;
      const args = text(record.arguments) + edited;
      return `${time} #${call} ${verdict.padEnd(5)} ${upstream}/${tool} ${args} by ${agent || "?"}${why}${shadow}`;
    }
    case "result": {
      const { call, outcome, ms, refunded, handed } = record;
      const back = refunded ? ", given back" : "";
      return `${time} #${call} ended ${outcome} in ${ms.toFixed(1)} ms${back}${handed === null ? "" : ofResult(handed)}`;
    }
    case "hold":
      return `${time} #${record.call} hold ${record.answer} ${record.message}`;
    case "refused":
      return `${time} refused a frame of the ${record.side}: ${record.reason}`;
    case "reload":
      return `${time} policy ${record.ok ? "reloaded" : `not reloaded: ${record.problems.join("; ")}`}`;
    case "open":
      return `${time} gateway ${record.gateway} started (version ${record.version}, pid ${record.pid})`;
    case "checkpoint":
      return `${time} signed with the key ${record.key}`;
    case "operator":
      return `${time} operator: ${record.command}`;
    case "removed":
      return `${time} removed, being old: ${record.files.join(", ")}`;
    default:
      return `${time} ${record.kind} ${"reason" in record ? record.reason : ""}`;
  }
}

/** What rules or plugins made of a result. */
function ofResult({ verdict, rule, message, shadow }: Handed): string {
  const why = message === "" ? "" : `: ${message}`;
  return shadow ? ` (would ${verdict}: ${rule}${why})` : `, ${verdict} by ${rule}${why}`;
}

type Handed = NonNullable<Extract<AuditRecord, { kind: "result" }>["handed"]>;

function filterOf({ tool, agent, verdict, since }: RawShowOptions): Wanted {
  const start = since === undefined ? "" : sinceTime(since);
  const matches = (glob: string | undefined, text: string) => glob === undefined || nameMatches(glob, text);
  const calls = tool !== undefined || agent !== undefined || verdict !== undefined;
  return (record) => {
    if (record.time < start) return false;
    if (!calls) return true;
    if (record.kind !== "call") return false;
    return (
      matches(tool, record.tool) &&
      matches(agent, record.agent) &&
      (verdict === undefined || record.verdict === verdict)
    );
  };
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws UsageError */
function sinceTime(text: string): string {
  const ago = /^(\d+)([smhd])$/.exec(text);
  const time = ago === null ? Date.parse(text) : Date.now() - Number(ago[1]) * (UNITS[ago[2] ?? ""] ?? 0);
  if (Number.isNaN(time)) throw new UsageError(`--since ${text} is no time: give 2026-11-23, 2h, 30m or 7d`);
  return new Date(time).toISOString();
}

/** Shows files again as they grow, until the process is ended. */
async function follow(paths: readonly string[], show: (file: string) => Promise<void>): Promise<never> {
  let work = Promise.resolve();
  const again = () => {
    work = work.then(async () => {
      for (const path of paths) for (const file of await logsIn(path)) await show(file);
    });
  };
  for (const path of paths) watch(path, again);
  return new Promise(() => {});
}
