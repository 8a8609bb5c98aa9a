import { ago } from "../format.ts";
import { line, piece } from "../line.ts";
import { sanitize } from "../sanitize.ts";
import type { Store } from "../store.ts";
import { wrap } from "../text.ts";

/** A file that cannot be used must be seen from across the room: what, where, what to do, and what decides. */
export function band(store: Store): string[] {
  const cells = store.size.columns;
  const broken = [...store.model.gateways.values()].find(
    (gateway) => gateway.endedAt === null && gateway.policy.problems.length > 0,
  );
  const [problem, ...others] = broken?.policy.problems ?? [];
  if (!broken || !problem) return [];
  const where = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.col}` : problem.file;
  const lines = wrap(sanitize(`✗ ${where} ${problem.message}`, 1024), cells - 2)
    .slice(0, 2)
    .map((text) => line([piece(` ${text.padEnd(cells - 1)}`, "alarm")], cells));
  if (problem.help) {
    const help = wrap(sanitize(`help: ${problem.help}`, 1024), cells - 4);
    for (const text of help.slice(0, store.size.rows < 30 ? 1 : 2))
      lines.push(line([piece(`   ${text}`, "strong")], cells));
  }
  const more = others.length > 0 ? `${others.length} more in these files (callgate check lists them). ` : "";
  const since = `The last good policy, of ${ago(broken.policy.loadedAt, store.now())}, still decides.`;
  lines.push(line([piece(`   ${more}${since}`, "warn")], cells));
  return lines;
}

export function bandHeight(store: Store): number {
  return band(store).length;
}
