import { durationMs } from "../../policy/time/duration.ts";
import { nameMatches } from "../../policy/tools/names.ts";

/** Most tools named at a time. */
const MAX_TOOLS = 100;
/** Longest time, in ms; whoever means more means a rule. */
const LONGEST_MS = 24 * 86_400_000;

/** What is said of a tool for now. */
export interface NamedTool {
  /** `*` stands for any part of the name. */
  readonly tool: string;
  /** ms since the epoch; null until it is taken back. */
  readonly until: number | null;
}

/** Tools that an operator has said something of, each until it is taken back or for a while. */
export class NamedTools {
  readonly #tools = new Map<string, NamedTool>();
  readonly #verb: "block" | "allow";
  /** Which names count as one. */
  readonly #fold: (name: string) => string;
  readonly #clock: () => number;

  constructor(verb: "block" | "allow", fold: (name: string) => string, clock: () => number) {
    this.#verb = verb;
    this.#fold = fold;
    this.#clock = clock;
  }

  /**
   * @param words a tool's name and perhaps for how long: `create_* for 10m`
   * @returns the tool and, in words, how long it is so
   * @throws Error saying what was expected
   */
  add(words: string): { tool: string; time: string | null } {
    const verb = this.#verb;
    const [, quoted, bare = "", time = null] = /^(?:"([^"]+)"|(\S+))(?:\s+for\s+(\S+))?$/.exec(words) ?? [];
    const tool = quoted ?? bare;
    const ms = time === null ? null : durationMs(time);
    if (tool === "" || (time !== null && (ms === null || ms === 0 || ms > LONGEST_MS)))
      throw new Error(
        `Expected ${verb} TOOL, or ${verb} TOOL for a time such as 30s, 10m or 2h (at most 24d).`,
      );
    if (this.#tools.size >= MAX_TOOLS && !this.#tools.has(tool))
      throw new Error(`There are ${MAX_TOOLS} already: take some back with un${verb}.`);
    this.#tools.set(tool, { tool, until: ms === null ? null : this.#clock() + ms });
    return { tool, time };
  }

  /** @throws Error where the tool is not one of them, naming those that are */
  remove(word: string): void {
    const tool = /^"([^"]+)"$/.exec(word)?.[1] ?? word;
    this.#expire(this.#clock());
    if (this.#tools.delete(tool)) return;
    const those = [...this.#tools.keys()].join(", ");
    throw new Error(`${tool} is not ${this.#verb}ed${those === "" ? "." : `; these are: ${those}.`}`);
  }

  /** What was written that names the tool; null where nothing does. */
  naming(tool: string, time: number): string | null {
    if (this.#tools.size === 0) return null;
    this.#expire(time);
    const name = this.#fold(tool);
    for (const { tool: pattern } of this.#tools.values())
      if (nameMatches(this.#fold(pattern), name)) return pattern;
    return null;
  }

  list(): NamedTool[] {
    this.#expire(this.#clock());
    return [...this.#tools.values()];
  }

  #expire(now: number): void {
    for (const { tool, until } of this.#tools.values())
      if (until !== null && until <= now) this.#tools.delete(tool);
  }
}
