import type { Verdict } from "../policy/types.ts";
import type { JsonObject } from "../wire/json.ts";
import type { CallRecord } from "./recorded.ts";
import type { ResultSaid } from "./results.ts";

/** Examples kept of each group. */
const EXAMPLES = 3;
/** Most groups kept apart. */
const MAX_GROUPS = 1_000;

/** A call of a group, as recorded. */
export interface Example {
  readonly time: string;
  readonly gateway: string;
  readonly call: string;
  readonly upstream: string;
  readonly tool: string;
  readonly agent: string;
  readonly arguments: JsonObject;
  /** What the agent would be told, or was told where the call would be allowed now. */
  readonly message: string;
}

/** Calls that would be decided otherwise, for the same reason; or answers, of which something else would be made. */
export interface FlipGroup {
  readonly from: Verdict | ResultSaid["verdict"];
  readonly to: Verdict | ResultSaid["verdict"];
  /** The rule that now names the verdict; for calls allowed now, the one that named the recorded verdict. */
  readonly rule: {
    readonly name: string;
    readonly tool: string;
    readonly file: string;
    readonly line: number;
  } | null;
  count: number;
  /** The first few. */
  readonly examples: Example[];
}

/** What became of a call. */
export interface Flip {
  readonly gateway: string;
  readonly record: CallRecord;
  readonly from: FlipGroup["from"];
  readonly to: FlipGroup["to"];
  readonly rule: FlipGroup["rule"];
  readonly message: string;
}

/** Flips by what they are and which rule makes them. */
export class Flips {
  readonly #groups = new Map<string, FlipGroup>();
  count = 0;

  add({ gateway, record, from, to, rule, message }: Flip): void {
    this.count++;
    const key = JSON.stringify([from, to, rule?.file, rule?.tool, rule?.name]);
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MAX_GROUPS) return;
      const { name = "", tool = "", file = "", line = 0 } = rule ?? {};
      group = { from, to, rule: rule === null ? null : { name, tool, file, line }, count: 0, examples: [] };
      this.#groups.set(key, group);
    }
    group.count++;
    if (group.examples.length >= EXAMPLES) return;
    const { time, call, upstream, tool, agent, arguments: args } = record;
    group.examples.push({ time, gateway, call, upstream, tool, agent, arguments: { ...args }, message });
  }

  /** The largest first. */
  groups(): FlipGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count);
  }
}
