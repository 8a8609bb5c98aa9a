import { Fault } from "./fault.ts";
import { type Gate, type Judged, judgeRule, judgeVote, judgeWhen } from "./judge.ts";
import { plainlyPass } from "./plain.ts";
import type { Plan, Policy, Refusal, Rule } from "./plan.ts";
import type { Standing } from "./see.ts";
import { added, afterCall, beforeCall, type Counted, type Increment } from "./standing.ts";
import type { Subject } from "./subject.ts";
import type { Ask, Call, CounterNeed, Decision, RuleTrace, Vote, Would } from "./types.ts";

const NOBODY: ReadonlySet<string> = new Set();

/** The counters that deciding the call reads or adds to, each once; `add` is the most that it may add. */
export function needs(call: Call, policy: Policy): CounterNeed[] {
  const { refusal, counters } = policy.plan(call);
  if (refusal !== null) return [];
  return counters.flatMap((use) => {
    const need = use.counter.need(call, added(use, call.args, null));
    // A partition that cannot be told is a fault of the rules that count in it.
    return need instanceof Fault ? [] : [need];
  });
}

/**
 * Decides a call. Pure: the same call, policy, counters, approvals and votes give the same decision.
 *
 * @param before micros of each counter of `needs`, by id, before this call
 * @param approved `ruleKey` of each `ask` rule that a person has said yes to for this very call
 * @param votes what plugins say of the call, in their order
 */
export function decide(
  call: Call,
  policy: Policy,
  before: ReadonlyMap<string, bigint>,
  approved: ReadonlySet<string> = NOBODY,
  votes: readonly Vote[] = [],
): Decision {
  const plan = policy.plan(call);
  if (plan.refusal !== null) return refused(plan.refusal);
  if (plan.shadowRefusal === null && votes.length === 0) {
    const subject: Subject = { call, classes: plan.classes, result: null };
    const { standing, increments } = afterCall({ counters: plan.counters, call, before }, null);
    if (plainlyPass(plan.rules, subject, standing)) {
      return allowed(increments, () => judged(call, plan, before, approved, votes).trace);
    }
  }
  return judged(call, plan, before, approved, votes);
}

/** An allowance whose trace is made when somebody looks at it. */
function allowed(increments: readonly Increment[], trace: () => readonly RuleTrace[]): Decision {
  return {
    verdict: "allow",
    rule: null,
    message: "",
    get trace() {
      return trace();
    },
    increments: increments.map(({ need }) => need),
    ask: null,
    would: null,
  };
}

/** Decides rule by rule. */
function judged(
  call: Call,
  plan: Plan,
  before: ReadonlyMap<string, bigint>,
  approved: ReadonlySet<string>,
  votes: readonly Vote[],
): Decision {
  const { rules, counters } = plan;
  const subject: Subject = { call, classes: plan.classes, result: null };
  const watching: Subject = { call, classes: plan.shadowClasses, result: null };
  const subjectOf = ({ shadow }: Rule) => (shadow ? watching : subject);

  const counted: Counted = { counters, call, before };
  const gates = gatesOf(rules, subjectOf, counted);
  const skipped = gates === null ? null : { has: (rule: number) => isClosed(gates.get(rule)) };
  const { standing, increments } = afterCall(counted, skipped);

  const enforced = new Tally();
  const shadow = new Tally();
  const trace: RuleTrace[] = [];
  if (plan.shadowRefusal !== null) {
    shadow.refuse(plan.shadowRefusal);
    trace.push({ ...refusalTrace(plan.shadowRefusal), shadow: true });
  }
  let i = 0;
  for (const rule of rules) {
    const gate = gates?.get(i) ?? OPEN;
    const found = gate.closed ?? judgeRule(rule, subjectOf(rule), standing, approved, gate.rows);
    i++;
    trace.push(found.trace);
    (rule.shadow ? shadow : enforced).add(rule, found);
  }
  for (const vote of votes) {
    const found = judgeVote(vote, approved);
    trace.push(found.trace);
    const { rule: ref, timeoutMs } = vote;
    (vote.shadow ? shadow : enforced).add({ ref, onDeny: null, timeoutMs }, found);
  }
  const cast = votes.flatMap(({ adds, shadow }) => adds.map((need) => ({ need, shadow })));
  return settled(enforced, shadow, trace, [...increments, ...cast]);
}

/** What the call adds to counters where it goes on although the policy says otherwise. Pure. */
export function addsOf(
  call: Call,
  policy: Policy,
  before: ReadonlyMap<string, bigint>,
  votes: readonly Vote[],
): CounterNeed[] {
  const { rules, counters, classes, shadowClasses } = policy.plan(call);
  const counted: Counted = { counters, call, before };
  const subjectOf = ({ shadow }: Rule) => ({ call, classes: shadow ? shadowClasses : classes, result: null });
  const gates = gatesOf(rules, subjectOf, counted);
  const skipped = gates === null ? null : { has: (rule: number) => isClosed(gates.get(rule)) };
  const { increments } = afterCall(counted, skipped);
  return [...increments.map(({ need }) => need), ...votes.flatMap(({ adds }) => adds)];
}

const OPEN: Gate = { closed: null, rows: [] };
const isClosed = (gate: Gate | undefined) => gate !== undefined && gate.closed !== null;

/** What came of each rule's `when`; null where no rule has one. */
function gatesOf(
  rules: readonly Rule[],
  subjectOf: (rule: Rule) => Subject,
  counted: Counted,
): Map<number, Gate> | null {
  let gates: Map<number, Gate> | null = null;
  let before: Standing | null = null;
  for (const [i, rule] of rules.entries()) {
    if (rule.when.length === 0) continue;
    // What the rule itself would add depends on this answer: `when` sees counters as they are before the call.
    before ??= beforeCall(counted);
    gates ??= new Map();
    gates.set(i, judgeWhen(rule, subjectOf(rule), before));
  }
  return gates;
}

function settled(
  enforced: Tally,
  shadow: Tally,
  trace: readonly RuleTrace[],
  increments: readonly Increment[],
): Decision {
  const would = shadow.would();
  const { denial, ask } = enforced;
  if (denial !== null) {
    return {
      verdict: "deny",
      rule: denial.rule,
      message: denial.message,
      trace,
      increments: [],
      ask: null,
      would,
    };
  }
  if (ask !== null) {
    const { rule, message, ...asked } = ask;
    return { verdict: "ask", rule, message, trace, increments: [], ask: asked, would };
  }
  // Had the watching files been enforced, this call would not have counted for them.
  const counts = would?.verdict === "deny" ? increments.filter((each) => !each.shadow) : increments;
  const adds = counts.map(({ need }) => need);
  return { verdict: "allow", rule: null, message: "", trace, increments: adds, ask: null, would };
}

/** What rules come to: deny beats ask beats allow, and the first of a kind names it. */
class Tally {
  denial: Refusal | null = null;
  ask: (Refusal & Ask) | null = null;

  refuse(refusal: Refusal): void {
    this.denial ??= refusal;
  }

  add(
    { ref: rule, onDeny, timeoutMs }: Pick<Rule, "ref" | "onDeny" | "timeoutMs">,
    { trace: { outcome }, message }: Judged,
  ): void {
    if (outcome === "deny" || outcome === "error") this.refuse({ rule, message });
    if (outcome !== "ask") return;
    if (this.ask === null) {
      this.ask = {
        rule,
        message,
        rules: [rule],
        timeoutMs,
        onDeny: onDeny ?? `Rule "${rule.name}": a person did not approve`,
      };
    } else {
      const { rules, timeoutMs: least } = this.ask;
      this.ask = { ...this.ask, rules: [...rules, rule], timeoutMs: Math.min(least, timeoutMs) };
    }
  }

  would(): Would | null {
    if (this.denial !== null) return { verdict: "deny", ...this.denial };
    return this.ask === null ? null : { verdict: "ask", rule: this.ask.rule, message: this.ask.message };
  }
}

const refusalTrace = ({ rule, message }: Refusal): RuleTrace => ({
  rule,
  outcome: "deny",
  conditions: [],
  note: message,
});

/** A denial that needs no judging. */
export function refused(refusal: Refusal): Decision {
  const { rule, message } = refusal;
  const trace = [refusalTrace(refusal)];
  return { verdict: "deny", rule, message, trace, increments: [], ask: null, would: null };
}
