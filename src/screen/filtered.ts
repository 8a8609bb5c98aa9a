/** The calls a filter names, as a list that is made again only when something has changed. */

import { type Matcher, matcher, moves } from "../control/filter/match.ts";
import type { Filter } from "../control/filter/parse.ts";
import type { CallRow } from "./calls.ts";
import { type List, listOf } from "./ring.ts";

export class Filtered {
  readonly text: string;
  readonly #matches: Matcher;
  readonly #moves: boolean;
  /** Rows never change: what was said of one stays said. */
  readonly #said = new WeakMap<CallRow, boolean>();
  #of: { rows: List<CallRow>; version: number; second: number; list: List<CallRow> } | null = null;

  constructor(text: string, filter: Filter) {
    this.text = text;
    this.#matches = matcher(filter);
    this.#moves = moves(filter);
  }

  /** @param version rises with every change of `rows` */
  list(rows: List<CallRow>, version: number, now: number): List<CallRow> {
    const second = this.#moves ? Math.floor(now / 1000) : 0;
    const had = this.#of;
    if (had && had.rows === rows && had.version === version && had.second === second) return had.list;
    const kept: CallRow[] = [];
    for (let index = 0; index < rows.length; index++) {
      const row = rows.at(index);
      if (row && this.#keeps(row, now)) kept.push(row);
    }
    const list = listOf(kept);
    this.#of = { rows, version, second, list };
    return list;
  }

  #keeps(row: CallRow, now: number): boolean {
    if (this.#moves) return this.#matches(row.call, now);
    const said = this.#said.get(row) ?? this.#matches(row.call, now);
    this.#said.set(row, said);
    return said;
  }
}
