import { sanitize } from "../../sanitize.ts";
import { ago } from "../format.ts";
import { line, piece } from "../line.ts";
import type { Store } from "../store.ts";
import { pad, wrap } from "../text.ts";

/** A file that cannot be used must be seen from across the room: what, where, what to do, and what decides. */
export function band(store: Store): string[] {
  const cells = store.size.columns;
  const broken = [...store.model.gateways.values()].find(
    (gateway) => gateway.endedAt === null && gateway.policy.problems.length > 0,
  );
  const [problem, ...others] = broken?.policy.problems ?? [];
  if (!broken || !problem) return [];
  const where = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.col}` : problem.file;
  const what = clip(wrap(sanitize(`✗ ${where} ${problem.message}`, 1024), cells - 2), 2);
  const help = problem.help
    ? clip(wrap(sanitize(`help: ${problem.help}`, 1024), cells - 4), 3 - what.length)
    : [];
  const more = others.length > 0 ? `${others.length} more in these files: callgate check lists them. ` : "";
  const since = `The policy loaded ${ago(broken.policy.loadedAt, store.now())} still decides.`;
  return [
    ...what.map((text) => line([piece(pad(` ${text}`, cells), "alarm")], cells)),
    ...help.map((text) => line([piece(`   ${text}`, "strong")], cells)),
    line([piece(`   ${more}${since}`, "warn")], cells),
  ];
}

/** At most `most` lines, the cut shown. */
function clip(lines: readonly string[], most: number): string[] {
  return lines.slice(0, most).map((text, i) => (i === most - 1 && lines.length > most ? `${text} …` : text));
}

export function bandHeight(store: Store): number {
  return band(store).length;
}
