import type { Ruleset } from "../judging/ruleset.ts";
import type { FlipGroup } from "../replay/flips.ts";
import { readRecords } from "../replay/read.ts";
import { Replay, type ReplayReport } from "../replay/replay.ts";
import { sanitize } from "../sanitize.ts";
import { logsIn } from "./audit-logs.ts";
import { count } from "./problems.ts";
import { UsageError } from "./usage-error.ts";
import { withRuleset } from "./with-ruleset.ts";

/** The options as commander hands them over. */
export interface RawReplayOptions {
  config?: string[];
  plugin?: string[];
  json?: boolean;
}

/**
 * `callgate replay`: decides the calls of audit logs again under other policies, and shows which go another way.
 *
 * @param paths logs, or folders of them
 * @returns the exit code: 0 however many flip, 1 where a policy has a mistake or a line is no record
 * @throws UsageError
 */
export async function replay(
  paths: readonly string[],
  raw: RawReplayOptions,
  out: { write(text: string): void },
): Promise<number> {
  if (raw.config === undefined) throw new UsageError("no policy is named: give a file or a folder with -c");
  const files = (await Promise.all(paths.map(logsIn))).flat();
  const from = { policies: raw.config, plugins: raw.plugin ?? [] };
  return withRuleset(from, out, ({ ruleset }) => replayUnder(ruleset, files, raw.json === true, out));
}

async function replayUnder(
  ruleset: Ruleset,
  files: readonly string[],
  json: boolean,
  out: { write(text: string): void },
): Promise<number> {
  const replayed = new Replay(ruleset);
  const unreadable: { file: string; line: number }[] = [];
  const records = readRecords([...new Set(files)], (file, line) => unreadable.push({ file, line }));
  for await (const { gateway, record } of records) {
    const pending = replayed.take(gateway, record);
    if (pending !== undefined) await pending;
  }
  const report = replayed.report();
  if (json) out.write(`${JSON.stringify({ ...report, unreadable }, null, 2)}\n`);
  else {
    for (const { file, line } of unreadable) {
      out.write(`${file}:${line} is no record (callgate audit verify says more)\n`);
    }
    out.write(
      `${linesOf(report)
        .map((line) => sanitize(line))
        .join("\n")}\n`,
    );
  }
  return unreadable.length > 0 ? 1 : 0;
}

function linesOf({ calls, flipped, flips, undecidable, outside, results }: ReplayReport): string[] {
  const lines = flips.flatMap((group) => groupLines(group, "call"));
  const asBefore = calls - flipped - undecidable - outside;
  lines.push(`${count(calls, "call")}: ${asBefore} as recorded, ${flipped} another way`);
  if (undecidable > 0) {
    lines.push(
      `${count(undecidable, "call")} cannot be decided: rules look at arguments that were not recorded`,
    );
  }
  if (outside > 0) {
    lines.push(
      `${count(outside, "call")} left out: refused by an operator or for want of counters, not by a policy`,
    );
  }
  if (results.judged > 0) lines.push(...resultLines(results));
  return lines;
}

function resultLines({ judged, flipped, flips, undecidable }: ReplayReport["results"]): string[] {
  const asBefore = judged - flipped - undecidable;
  const lines = flips.flatMap((group) => groupLines(group, "answer"));
  lines.push(
    `${count(judged, "answer")} with rules about it: ${asBefore} as recorded, ${flipped} another way`,
  );
  if (undecidable === 0) return lines;
  const why = "rules look into them, and of answers only size and hash are recorded";
  return [...lines, `${count(undecidable, "answer")} cannot be decided: ${why}`];
}

function groupLines(
  { from, to, rule, count: calls, examples }: FlipGroup,
  noun: "call" | "answer",
): string[] {
  const at = rule === null || rule.file === "" ? "" : ` (${rule.file}:${rule.line})`;
  const by = rule === null ? "" : ` by ${rule.name}${at}`;
  const what = noun === "call" ? "" : `${noun} `;
  const lines = [`${what}${from} -> ${to}${by}: ${count(calls, noun)}`];
  for (const { time, call, upstream, tool, agent, arguments: args, message } of examples) {
    const why = message === "" ? "" : `: ${message}`;
    lines.push(
      `  ${time} #${call} ${upstream}/${tool} ${JSON.stringify(args).slice(0, 200)} by ${agent || "?"}${why}`,
    );
  }
  if (calls > examples.length) lines.push(`  and ${calls - examples.length} more`);
  return lines;
}
