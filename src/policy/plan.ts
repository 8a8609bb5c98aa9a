import type { ResultRule } from "./compile/result-rules.ts";
import type { Condition } from "./conditions/conditions.ts";
import type { Amount } from "./counters/amounts.ts";
import type { Counter, CounterUse } from "./counters/counters.ts";
import type { PluginEntry } from "./schema/plugins.ts";
import type { Recording } from "./schema/policy-file.ts";
import type { DataPath, Place } from "./source/locate.ts";
import type { ToolClass } from "./tools/classes.ts";
import type { Call, CounterLimit, RuleRef } from "./types.ts";

/** A rule ready to judge calls. */
export interface Rule {
  readonly ref: RuleRef;
  /** `evaluate`: denies unless every condition holds. `deny`, `ask`: do so when every condition holds. */
  readonly action: "evaluate" | "deny" | "ask";
  /** The rule is for calls on which all of these hold. */
  readonly when: readonly Condition[];
  readonly conditions: readonly Condition[];
  readonly increments: readonly { readonly counter: Counter; readonly amount: Amount }[];
  /** What the agent is told; null where the rule does not say. */
  readonly onDeny: string | null;
  /** How long an `ask` waits. */
  readonly timeoutMs: number;
  /** Whether its file only watches. */
  readonly shadow: boolean;
}

/** A denial that holds whatever the arguments are. */
export interface Refusal {
  readonly rule: RuleRef;
  readonly message: string;
}

/** All that a policy says of one tool, resource or prompt. */
export interface Plan {
  readonly refusal: Refusal | null;
  /** The same, of files that only watch. */
  readonly shadowRefusal: Refusal | null;
  readonly rules: readonly Rule[];
  /** Each counter that the rules read or add to, once. */
  readonly counters: readonly CounterUse[];
  /** Classes that the tool could be of: to files that are enforced, and to those that watch. */
  readonly classes: readonly ToolClass[];
  readonly shadowClasses: readonly ToolClass[];
}

/** All that a policy says of one tool's results. */
export interface ResultPlan {
  readonly rules: readonly ResultRule[];
  readonly classes: readonly ToolClass[];
  readonly shadowClasses: readonly ToolClass[];
}

/** A plugin that a file wants to be asked. */
export interface PluginUse {
  readonly entry: PluginEntry;
  /** Where the file names it. */
  readonly ref: RuleRef;
  /** Absolute path of the folder that `use` is relative to. */
  readonly folder: string;
  /** The file's time zone (IANA name). */
  readonly timezone: string;
  /** Whether its file only watches. */
  readonly shadow: boolean;
  governs(upstream: string): boolean;
  /** Where what is at `path` of the entry stands in `ref.file`: its value, or its key. */
  place(path: DataPath, at?: "key" | "value"): Place;
}

/** What a plan depends on. */
export type Named = Pick<Call, "tool" | "upstream" | "annotations" | "kind">;

/** The files in force, compiled. Never changes. */
export interface Policy {
  /** SHA-256 of the files' contents, hex: of the one file's bytes, or of the list of such hashes. */
  readonly hash: string;
  /** All files, those that others include too. */
  readonly files: readonly string[];
  /** How many rules there are in all files. */
  readonly rules: number;
  readonly limits: readonly CounterLimit[];
  /** In the order of the files and of their lists. */
  readonly plugins: readonly PluginUse[];
  /** Whether any file is for this upstream. */
  governs(upstream: string): boolean;
  /** How much of the arguments of calls to an upstream audit logs keep: the least that a file for it says. */
  recording(upstream: string): Recording;
  plan(named: Named): Plan;
  resultPlan(named: Named): ResultPlan;
  /** Whether any rule is about results of an upstream's tools. */
  judgesResults(upstream: string): boolean;
  /** Whether the tool is left out of lists and its calls are denied. */
  hidden(tool: string, upstream: string, annotations?: Call["annotations"]): boolean;
  hiddenResource(uri: string, upstream: string): boolean;
  hiddenPrompt(name: string, upstream: string): boolean;
}
