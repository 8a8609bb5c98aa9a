import { sanitize } from "../../sanitize.ts";
import { duration } from "../format.ts";
import { FULL_COLUMNS } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import type { Store } from "../store.ts";
import { cut } from "../text.ts";

/** What an operator changed: for as long as it lasts, nobody is to wonder. */
export function operatorBadges(store: Store): Piece[] {
  const running = [...store.model.gateways.values()].filter(({ endedAt }) => endedAt === null);
  const operators = running.map(({ operator }) => operator);
  const alarm = (word: string, having: number) => {
    const some = having < running.length ? ` ${having}/${running.length}` : "";
    return having > 0 ? [piece(` ${word}${some} `, "alarm"), piece("  ")] : [];
  };
  const named = (tools: readonly { tool: string; until: number | null }[]) => {
    const left = new Map(tools.map(({ tool, until }) => [tool, until]));
    return [...left].map(([tool, until]) => {
      const time = until === null ? "" : ` ${duration(until - store.now())}`;
      return cut(sanitize(tool, 64), 20) + time;
    });
  };
  const filters = [...new Set(operators.flatMap(({ holds }) => holds))];
  const lists: [word: string, all: readonly string[]][] = [
    ["blocked", named(operators.flatMap(({ blocks }) => blocks))],
    ["allowed", named(operators.flatMap(({ allows }) => allows))],
    ["plugin off", [...new Set(operators.flatMap(({ plugins }) => plugins))]],
    ["holding", filters.map((filter) => cut(sanitize(filter, 64), 20))],
  ];
  const there = lists.filter(([, all]) => all.length > 0);
  const narrow = store.size.columns < FULL_COLUMNS && there.length > 1;
  return [
    ...alarm("KILLED", operators.filter(({ killed }) => killed !== null).length),
    ...alarm("SHADOW", operators.filter(({ shadow }) => shadow).length),
    ...there.flatMap(([word, all]) => [
      piece(`${word} ${narrow ? all.length : firstOf(all)}`, "warn"),
      piece("  "),
    ]),
  ];
}

/** The first of them, and how many more there are. */
function firstOf([first = "", ...others]: readonly string[]): string {
  return others.length > 0 ? `${first} +${others.length}` : first;
}
