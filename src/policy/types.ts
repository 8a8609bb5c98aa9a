import type { JsonObject } from "../wire/json.ts";

/** What the gate does with a call: relays it, answers it with a refusal, or holds it for a person. */
export type Verdict = "allow" | "deny" | "ask";

/** One `tools/call` as rules see it. */
export interface Call {
  readonly tool: string;
  readonly args: JsonObject;
  /** Name of the upstream MCP server (`server` in a policy). */
  readonly upstream: string;
  /** `clientInfo.name` of the MCP client, or "" where it gave none. */
  readonly agent: string;
  readonly session: string;
  /** When the call arrived, in ms since the epoch: the only clock a decision knows. */
  readonly time: number;
  /** What the server says of the tool (`annotations` in its `tools/list`), where it says something. */
  readonly annotations?: JsonObject | null;
  /**
   * What `tool` names. A request for a resource or a prompt is judged like a call: `tool` is the resource's URI or
   * the prompt's name, and `args` what came with it.
   */
  readonly kind?: RequestKind;
}

/** A tool (the default), or what else an agent can ask of a server. */
export type RequestKind = "tool" | "resource" | "prompt";

/** Where a rule was written; what records, denials and the screen point at. */
export interface RuleRef {
  readonly name: string;
  /** Key under `tools:` ("create_charge", "class:read", "*"), or "default", "hide" or "budgets" for those. */
  readonly tool: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/**
 * What one condition saw. A group is a row of its own (path `any`, op `of`, how many items it has and how many
 * hold), followed by a row for each item with the group before its path: `any › args.amount`. What a rule's `when`
 * saw comes first, as `when › args.amount`.
 */
export interface ConditionTrace {
  readonly path: string;
  readonly op: string;
  readonly expected: unknown;
  /** The value found at `path`; undefined where there was none. Exact decimals are given as text. */
  readonly actual: unknown;
  readonly holds: boolean;
  /** Why it could not hold, where that is not plain from the values. */
  readonly note?: string;
}

export interface RuleTrace {
  readonly rule: RuleRef;
  readonly outcome: "pass" | "skip" | "ask" | "deny" | "error";
  readonly conditions: readonly ConditionTrace[];
  readonly note?: string;
  /** Set where the rule's file only watches (`mode: shadow`): the outcome is what would have been. */
  readonly shadow?: true;
}

/** Over how long a counter adds up. Calendar windows start at the unit's boundary in `timezone` (IANA name). */
export type Window =
  | {
      readonly kind: "calendar";
      readonly unit: "minute" | "hour" | "day" | "week" | "month";
      readonly timezone: string;
    }
  | { readonly kind: "sliding"; readonly ms: number }
  | { readonly kind: "session" }
  | { readonly kind: "forever" };

/**
 * One counter that a call reads or adds to. Amounts are exact decimals to six places, as a bigint of
 * millionths ("micros"): 0.01 is 10_000n.
 */
export interface CounterNeed {
  /** Stable identity of the counter without its window's start: upstream, scope, name, window and partition. */
  readonly id: string;
  /** Upstream whose counter it is, so that two servers with a tool of the same name do not share; "" for a budget. */
  readonly upstream: string;
  /** The tool key it was declared under, "_global" under "*", or "budgets". */
  readonly scope: string;
  readonly counter: string;
  readonly window: Window;
  /** Values of `per:`, such as `agent="claude"`; "" where the counter is not partitioned. */
  readonly partition: string;
  /** Micros this call adds if it is allowed; 0n where it only reads. */
  readonly add: bigint;
  /** Set where a result with `isError` gives the amount back too (`on_error: refund`). */
  readonly refundOnError?: true;
}

/** What a plugin says of a call, beside the rules. */
export interface Vote {
  /** Names the plugin, and points at where in its files it said so. */
  readonly rule: RuleRef;
  readonly outcome: "pass" | "ask" | "deny" | "error";
  /** What the agent is told if it names the denial, or the person if it asks. */
  readonly message: string;
  /** What it found and where. */
  readonly evidence: JsonObject;
  readonly note?: string;
  /** How long an ask waits. */
  readonly timeoutMs: number;
  /** Whether its file only watches. */
  readonly shadow: boolean;
  /** What it adds to its counters if the call goes ahead. */
  readonly adds: readonly CounterNeed[];
}

export interface Decision {
  readonly verdict: Verdict;
  /** The rule that named the verdict; null for a plain allow. */
  readonly rule: RuleRef | null;
  /** What the agent is told on a denial, and the person on an ask; "" on an allow. */
  readonly message: string;
  readonly trace: readonly RuleTrace[];
  /** What to add if the call goes ahead: all of it or none. Empty unless the verdict is "allow". */
  readonly increments: readonly CounterNeed[];
  /** What a person is asked; null unless the verdict is "ask". */
  readonly ask: Ask | null;
  /** What files in shadow mode would have made of a call that the others allow or ask about; null where the same. */
  readonly would: Would | null;
}

/** A person's say is wanted. */
export interface Ask {
  /** Every rule that asks: one answer is for all of them. */
  readonly rules: readonly RuleRef[];
  /** No answer in this time is a no. */
  readonly timeoutMs: number;
  /** What the agent is told when the answer is no. */
  readonly onDeny: string;
}

/** A verdict that is not enforced. */
export interface Would {
  readonly verdict: "deny" | "ask";
  readonly rule: RuleRef;
  readonly message: string;
}

/** A limit some rule sets on a counter, for gauges. */
export interface CounterLimit {
  readonly scope: string;
  readonly counter: string;
  readonly window: Window;
  readonly limit: bigint;
  readonly rule: RuleRef;
}

/** Something wrong in a policy file. Lines and columns are 1-based. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly message: string;
  readonly help: string;
}
