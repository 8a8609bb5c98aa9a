import { sanitize } from "../../sanitize.ts";
import { duration } from "../format.ts";
import { FULL_COLUMNS } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import type { Store } from "../store.ts";
import { cut } from "../text.ts";

/** What an operator changed: for as long as it lasts, nobody is to wonder. */
export function operatorBadges(store: Store): Piece[] {
  const narrow = store.size.columns < FULL_COLUMNS;
  const running = [...store.model.gateways.values()].filter(({ endedAt }) => endedAt === null);
  const operators = running.map(({ operator }) => operator);
  const alarm = (word: string, having: number) => {
    const some = having < running.length ? ` ${having}/${running.length}` : "";
    return having > 0 ? [piece(` ${word}${some} `, "alarm"), piece("  ")] : [];
  };
  const named = (word: string, tools: readonly { tool: string; until: number | null }[]) => {
    const left = new Map(tools.map(({ tool, until }) => [tool, until]));
    return first(
      word,
      [...left].map(([tool, until]) => {
        const time = until === null ? "" : ` ${duration(until - store.now())}`;
        return cut(sanitize(tool, 64), 20) + time;
      }),
      narrow,
    );
  };
  const held = new Set(operators.flatMap(({ holds }) => holds));
  return [
    ...alarm("KILLED", operators.filter(({ killed }) => killed !== null).length),
    ...alarm("SHADOW", operators.filter(({ shadow }) => shadow).length),
    ...named(
      "blocked",
      operators.flatMap(({ blocks }) => blocks),
    ),
    ...named(
      "allowed",
      operators.flatMap(({ allows }) => allows),
    ),
    ...first("plugin off", [...new Set(operators.flatMap(({ plugins }) => plugins))], narrow),
    ...first(
      "holding",
      [...held].map((filter) => cut(sanitize(filter, 64), 20)),
      narrow,
    ),
  ];
}

/** The first of them, and how many more there are; where there is little room, only how many. */
function first(word: string, all: readonly string[], narrow: boolean): Piece[] {
  const [one, ...others] = all;
  if (one === undefined) return [];
  if (narrow) return [piece(`${word} ${all.length}`, "warn"), piece("  ")];
  const more = others.length > 0 ? ` +${others.length}` : "";
  return [piece(`${word} ${one}${more}`, "warn"), piece("  ")];
}
