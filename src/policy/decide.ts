import { failure, type Seen, seeArgs, seeCounter } from "./conditions.ts";
import { added, type Counter } from "./counters.ts";
import type { PlannedCondition, Policy, Refusal, Rule } from "./plan.ts";
import type { Call, CounterNeed, Decision, RuleTrace } from "./types.ts";

/** The counters that deciding the call reads or adds to, each once. */
export function needs(call: Call, policy: Policy): CounterNeed[] {
  const { refusal, counters } = policy.plan(call.tool, call.upstream);
  if (refusal !== null) return [];
  return counters.map((use) => use.counter.need(call, added(use, call.args)));
}

/**
 * Decides a call. Pure: the same call, policy and counters give the same decision.
 *
 * @param before micros of each counter of `needs`, by id, before this call
 */
export function decide(call: Call, policy: Policy, before: ReadonlyMap<string, bigint>): Decision {
  const { refusal, rules, counters } = policy.plan(call.tool, call.upstream);
  if (refusal !== null) return refused(refusal);

  const increments: CounterNeed[] = [];
  const standing = new Map<Counter, bigint | undefined>();
  for (const use of counters) {
    const need = use.counter.need(call, added(use, call.args));
    const value = before.get(need.id);
    // Conditions see the counter as it would stand if this call were allowed.
    standing.set(use.counter, value === undefined ? undefined : value + need.add);
    if (need.add > 0n) increments.push(need);
  }

  const trace: RuleTrace[] = [];
  let denial: Refusal | null = null;
  for (const rule of rules) {
    const { outcome, message } = judge(rule, call, standing, trace);
    if (outcome !== "pass") denial ??= { rule: rule.ref, message };
  }
  if (denial !== null) {
    return { verdict: "deny", rule: denial.rule, message: denial.message, trace, increments: [] };
  }
  return { verdict: "allow", rule: null, message: "", trace, increments };
}

function refused({ rule, message }: Refusal): Decision {
  const trace: RuleTrace[] = [{ rule, outcome: "deny", conditions: [], note: message }];
  return { verdict: "deny", rule, message, trace, increments: [] };
}

/** Judges one rule and adds it to the trace. `message` is what the agent is told if this rule names the denial. */
function judge(
  rule: Rule,
  call: Call,
  standing: ReadonlyMap<Counter, bigint | undefined>,
  trace: RuleTrace[],
): { outcome: "pass" | "deny" | "error"; message: string } {
  const all = rule.conditions.map((planned) => see(planned, call, standing));
  const conditions = all.map((one) => one.trace);
  const fault = badAmount(rule, call) ?? all.find((one) => one.fault !== null)?.fault ?? null;
  if (fault !== null) {
    trace.push({ rule: rule.ref, outcome: "error", conditions, note: fault });
    return { outcome: "error", message: `Rule "${rule.ref.name}": ${fault}` };
  }
  const failed = all.findIndex((one) => !one.trace.holds);
  const passes = rule.action === "evaluate" ? failed < 0 : failed >= 0;
  const outcome = passes ? "pass" : "deny";
  trace.push({ rule: rule.ref, outcome, conditions });
  return { outcome, message: passes ? "" : denialText(rule, failed, all) };
}

function see(
  { condition, counter }: PlannedCondition,
  call: Call,
  standing: ReadonlyMap<Counter, bigint | undefined>,
): Seen {
  return counter === null ? seeArgs(condition, call.args) : seeCounter(condition, standing.get(counter));
}

function badAmount(rule: Rule, call: Call): string | null {
  for (const { amount } of rule.increments) {
    const micros = amount.of(call.args);
    if (typeof micros === "string") return micros;
  }
  return null;
}

function denialText(rule: Rule, failed: number, all: readonly Seen[]): string {
  const planned = rule.conditions[failed];
  const trace = all[failed]?.trace;
  if (planned === undefined || trace === undefined) {
    return rule.onDeny ?? `Rule "${rule.ref.name}" denies this call`;
  }
  const { condition } = planned;
  if (rule.onDeny === null) {
    return `Rule "${rule.ref.name}": ${planned.failure ?? failure(trace, condition)}`;
  }
  // "Single charge cannot exceed $500.00" does not tell a model that it forgot the amount.
  const absent = trace.actual === undefined && condition.op !== "exists";
  return absent ? `${rule.onDeny} (${trace.path} is missing)` : rule.onDeny;
}
