import type { RecordBody } from "../../audit/record.ts";
import type { OperatorView } from "../../control/protocol.ts";
import { fold } from "../../fold.ts";
import type { Grounds } from "../../judging/rule.ts";
import { addsOf } from "../../policy/decide.ts";
import { ruleKey } from "../../policy/judge.ts";
import type { Policy } from "../../policy/plan.ts";
import type { Call, Decision, RuleRef } from "../../policy/types.ts";
import { type NamedTool, NamedTools } from "./named-tools.ts";
import { WatchedCalls } from "./watched-calls.ts";

/** Most rules remembered of an `allow`. */
const MAX_OVERRODE = 100;
/** How long a call that an operator wants to see waits, in ms. */
const HOLD_MS = 300_000;

/** A tool that is allowed, and the rules that this was stronger than so far. */
export interface Allowed extends NamedTool {
  readonly overrode: readonly RuleRef[];
}

/** What an operator changed that rules could say as well. */
export interface Changes {
  readonly blocks: readonly NamedTool[];
  readonly allows: readonly Allowed[];
  readonly holds: readonly string[];
}

/**
 * What a person has changed for now, on top of the policy: the kill switch, tools that are blocked or allowed,
 * calls they want to see first, and whether anything is blocked at all.
 */
export class Operator {
  #killed: number | null = null;
  #shadow: boolean;
  // Over-blocks rather than be got around by case: servers differ in how they match names.
  readonly #blocks: NamedTools;
  readonly #allows: NamedTools;
  /** Rules that an `allow` was stronger than, by their key. */
  readonly #overrode = new Map<string, Map<string, RuleRef>>();
  readonly #watched = new WatchedCalls();
  readonly #clock: () => number;
  readonly #record: (body: RecordBody) => void;

  /** @param shadow whether the gateway was started to block nothing */
  constructor(clock: () => number, record: (body: RecordBody) => void, shadow: boolean) {
    this.#clock = clock;
    this.#record = record;
    this.#shadow = shadow;
    this.#blocks = new NamedTools("block", fold, clock);
    this.#allows = new NamedTools("allow", (name) => name, clock);
  }

  /** The denial of a call that never gets to the policy; null for all others. */
  denial(call: Call): Decision | null {
    if (this.#killed !== null)
      return denial("kill switch", "An operator has stopped all calls. Do not try again.");
    const block = this.#blocks.naming(call.tool, call.time);
    return block === null ? null : denial(`block ${block}`, `An operator has blocked ${call.tool} for now.`);
  }

  /** What becomes of a decision: the very same where no operator has said anything of the call. */
  amend(decision: Decision, grounds: Grounds): Decision {
    return this.#held(this.#let(decision, grounds), grounds);
  }

  /** Lets a call through that a rule denies or asks about. It counts as if the policy had allowed it. */
  #let(decision: Decision, { call, policy, before, votes }: Grounds): Decision {
    const { verdict, rule: by, message } = decision;
    if (verdict === "allow" || by === null) return decision;
    const tool = this.#allows.naming(call.tool, call.time);
    if (tool === null || !overridable(decision, call, policy)) return decision;
    this.#remember(tool, decision);
    const rule = operatorRule(`allow ${tool}`);
    return {
      verdict: "allow",
      rule,
      message: "",
      trace: [...decision.trace, traced(rule, "pass")],
      increments: addsOf(call, policy, before, votes),
      ask: null,
      would: { verdict, rule: by, message },
    };
  }

  #remember(tool: string, { trace }: Decision): void {
    const rules = this.#overrode.get(tool) ?? new Map<string, RuleRef>();
    this.#overrode.set(tool, rules);
    for (const { rule, outcome, shadow } of trace) {
      const stronger = (outcome === "deny" || outcome === "ask") && shadow !== true;
      if (stronger && rules.size < MAX_OVERRODE) rules.set(ruleKey(rule), rule);
    }
  }

  /** Asks for a person where an operator wants to see the call, one rule more than those that ask already. */
  #held(decision: Decision, { call, policy, approved }: Grounds): Decision {
    const { verdict, ask } = decision;
    if (verdict === "deny") return decision;
    const filter = this.#watched.naming(call, decision, policy);
    if (filter === null) return decision;
    const rule = operatorRule(`hold ${filter}`);
    if (approved.has(ruleKey(rule))) return decision;
    const trace = [...decision.trace, traced(rule, "ask")];
    if (ask !== null) return { ...decision, trace, ask: { ...ask, rules: [...ask.rules, rule] } };
    const message = `An operator holds calls like ${filter}`;
    const asked = { rules: [rule], timeoutMs: HOLD_MS, onDeny: "An operator did not approve the call" };
    return { ...decision, verdict: "ask", rule, message, trace, increments: [], ask: asked };
  }

  get killed(): boolean {
    return this.#killed !== null;
  }

  /** Whether everything is decided, counted and recorded, and nothing that a policy says is enforced. */
  get shadow(): boolean {
    return this.#shadow;
  }

  kill(): void {
    this.#killed ??= this.#clock();
    this.note("kill");
  }

  /** @throws Error where nothing was killed */
  unkill(): void {
    if (this.#killed === null) throw new Error("Nothing is killed: the policy decides.");
    this.#killed = null;
    this.note("unkill");
  }

  /** @throws Error saying what was expected */
  block(words: string): string {
    const { tool, time } = this.#blocks.add(words);
    this.note(`block ${words}`);
    return `${tool} is blocked ${time === null ? "until unblock" : `for ${time}`}`;
  }

  /** @throws Error where there is no such block */
  unblock(tool: string): string {
    this.#blocks.remove(tool);
    this.note(`unblock ${tool}`);
    return `${tool} is no longer blocked`;
  }

  /** @throws Error saying what was expected */
  allow(words: string): string {
    const { tool, time } = this.#allows.add(words);
    this.#overrode.delete(tool);
    const still = new Set(this.#allows.list().map((each) => each.tool));
    for (const gone of this.#overrode.keys()) if (!still.has(gone)) this.#overrode.delete(gone);
    this.note(`allow ${words}`);
    const until = time === null ? "until unallow" : `for ${time}`;
    const blocked = this.#blocks.naming(tool, this.#clock());
    const but =
      blocked === null ? "" : `; but it is blocked as well, and that comes first (unblock ${blocked})`;
    return `${tool} is allowed ${until}, whatever rules say, and still counted${but}`;
  }

  /** @throws Error where it is not allowed */
  unallow(tool: string): string {
    this.#allows.remove(tool);
    this.#overrode.delete(tool);
    this.note(`unallow ${tool}`);
    return `the policy decides on ${tool} again`;
  }

  /** @throws Error saying what is wrong with the filter, and where */
  hold(filter: string): string {
    this.#watched.add(filter);
    this.note(`hold ${filter}`);
    return `calls like ${filter} wait for a person from now on, until resume`;
  }

  /** @throws Error where there is none such */
  resume(filter: string): string {
    const gone = this.#watched.remove(filter);
    this.note(`resume ${filter}`.trimEnd());
    return `calls like ${gone.join(" or ")} go on again`;
  }

  /** Returns whether that is a change. */
  setShadow(on: boolean): boolean {
    const changes = this.#shadow !== on;
    this.#shadow = on;
    this.note(`shadow ${on ? "on" : "off"}`);
    return changes;
  }

  /** One of the commands that take something back. */
  takeBack(command: string): void {
    const [, verb, what = ""] = /^(\S+)\s+([\s\S]*)$/.exec(command) ?? [];
    if (verb === "unblock") this.unblock(what);
    if (verb === "unallow") this.unallow(what);
    if (verb === "resume") this.resume(what);
  }

  changes(): Changes {
    const allows = this.#allows.list().map((each) => ({
      ...each,
      overrode: [...(this.#overrode.get(each.tool)?.values() ?? [])],
    }));
    return { blocks: this.#blocks.list(), allows, holds: this.#watched.list() };
  }

  view(): Omit<OperatorView, "plugins"> {
    return {
      killed: this.#killed,
      shadow: this.#shadow,
      blocks: this.#blocks.list(),
      allows: this.#allows.list(),
      holds: this.#watched.list(),
    };
  }

  /** Records a command. */
  note(command: string): void {
    this.#record({ kind: "operator", command });
  }
}

/**
 * Whether an operator's `allow` is stronger: than rules, budgets and `default: deny`. Not than a hidden tool, a name
 * that is nearly another one, or a rule that could not judge the call: that one is malformed, or a plugin failed.
 */
function overridable({ trace }: Decision, call: Call, policy: Policy): boolean {
  if (call.kind !== undefined && call.kind !== "tool") return false;
  const { refusal } = policy.plan(call);
  if (refusal !== null) return refusal.rule.tool === "default";
  return !trace.some(({ outcome, shadow }) => outcome === "error" && shadow !== true);
}

/** What the operator calls itself to servers and policies. */
export const OPERATOR = "operator";

/** Where records and denials point at: what an operator said is in no file. */
export const OPERATOR_FILE = "operator";

function operatorRule(name: string): RuleRef {
  return { name, tool: "*", file: OPERATOR_FILE, line: 0 };
}

function traced(rule: RuleRef, outcome: "pass" | "ask" | "deny") {
  return { rule, outcome, conditions: [], note: "set by an operator, not by a policy" };
}

function denial(name: string, message: string): Decision {
  const rule = operatorRule(name);
  return {
    verdict: "deny",
    rule,
    message,
    trace: [traced(rule, "deny")],
    increments: [],
    ask: null,
    would: null,
  };
}
