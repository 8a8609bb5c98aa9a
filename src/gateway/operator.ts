import type { RecordBody } from "../audit/record.ts";
import type { OperatorView } from "../control/protocol.ts";
import { durationMs } from "../policy/time/duration.ts";
import type { Call, Decision } from "../policy/types.ts";

/** Most tools blocked at a time. */
const MAX_BLOCKS = 100;
/** Longest a timer of Node's can wait, in ms. */
const LONGEST_MS = 2 ** 31 - 1;

interface Block {
  readonly tool: string;
  /** ms since the epoch; null until it is taken back. */
  readonly until: number | null;
  readonly matches: (tool: string) => boolean;
}

/** What a person has changed for now: the kill switch and blocked tools. Both only ever deny, before the policy. */
export class Operator {
  #killed: number | null = null;
  readonly #blocks = new Map<string, Block>();
  readonly #clock: () => number;
  readonly #record: (body: RecordBody) => void;

  constructor(clock: () => number, record: (body: RecordBody) => void) {
    this.#clock = clock;
    this.#record = record;
  }

  /** The denial of a call that never gets to the policy; null for all others. */
  denial(call: Call): Decision | null {
    if (this.#killed !== null)
      return denial("kill switch", "An operator has stopped all calls. Do not try again.");
    if (this.#blocks.size === 0) return null;
    this.#expire(call.time);
    for (const { tool, matches } of this.#blocks.values()) {
      if (matches(call.tool)) return denial(`block ${tool}`, `An operator has blocked ${call.tool} for now.`);
    }
    return null;
  }

  get killed(): boolean {
    return this.#killed !== null;
  }

  kill(): void {
    this.#killed ??= this.#clock();
    this.#record({ kind: "operator", command: "kill" });
  }

  /** @throws Error where nothing was killed */
  unkill(): void {
    if (this.#killed === null) throw new Error("Nothing is killed: the policy decides.");
    this.#killed = null;
    this.#record({ kind: "operator", command: "unkill" });
  }

  /**
   * @param words a tool's name, where `*` stands for any part of it, and perhaps for how long: `create_* for 10m`
   * @throws Error saying what was expected
   */
  block(words: string): string {
    const [, tool = "", time] = /^(\S+)(?:\s+for\s+(\S+))?$/.exec(words) ?? [];
    const ms = time === undefined ? null : durationMs(time);
    if (tool === "" || (time !== undefined && (ms === null || ms === 0 || ms > LONGEST_MS))) {
      throw new Error("Expected block TOOL, or block TOOL for a time such as 30s, 10m or 2h (at most 24d).");
    }
    if (this.#blocks.size >= MAX_BLOCKS)
      throw new Error(`There are ${MAX_BLOCKS} blocks already: unblock some.`);
    const until = ms === null ? null : this.#clock() + ms;
    this.#blocks.set(tool, { tool, until, matches: glob(tool) });
    this.#record({ kind: "operator", command: `block ${words}` });
    return `${tool} is blocked ${time === undefined ? "until unblock" : `for ${time}`}`;
  }

  /** @throws Error where there is no such block */
  unblock(tool: string): string {
    this.#expire(this.#clock());
    if (!this.#blocks.delete(tool)) {
      const blocked = [...this.#blocks.keys()].join(", ");
      throw new Error(`${tool} is not blocked${blocked === "" ? "." : `; these are: ${blocked}.`}`);
    }
    this.#record({ kind: "operator", command: `unblock ${tool}` });
    return `${tool} is no longer blocked`;
  }

  view(): OperatorView {
    this.#expire(this.#clock());
    const blocks = [...this.#blocks.values()].map(({ tool, until }) => ({ tool, until }));
    return { killed: this.#killed, blocks };
  }

  #expire(now: number): void {
    for (const { tool, until } of this.#blocks.values()) {
      if (until !== null && until <= now) this.#blocks.delete(tool);
    }
  }
}

/** Over-blocks rather than be got around by case: servers differ in how they match names. */
function glob(pattern: string): (tool: string) => boolean {
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  const last = rest.pop();
  if (last === undefined) return (tool) => tool.toLowerCase() === first;
  return (name) => {
    const tool = name.toLowerCase();
    if (tool.length < first.length + last.length || !tool.startsWith(first) || !tool.endsWith(last))
      return false;
    let at = first.length;
    for (const part of rest) {
      const found = tool.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= tool.length - last.length;
  };
}

function denial(name: string, message: string): Decision {
  const rule = { name, tool: "*", file: "operator", line: 0 };
  const trace = [
    { rule, outcome: "deny" as const, conditions: [], note: "set by an operator, not by a policy" },
  ];
  return { verdict: "deny", rule, message, trace, increments: [], ask: null, would: null };
}
