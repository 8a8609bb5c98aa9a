import type { JsonObject } from "../wire/json.ts";
import { Fault } from "./fault.ts";
import type { Rule } from "./plan.ts";
import { failureOf, rowsOf, type Seen, type Standing, see } from "./see.ts";
import type { Subject } from "./subject.ts";
import type { ConditionTrace, RuleRef, RuleTrace, Vote } from "./types.ts";

export interface Judged {
  readonly trace: RuleTrace;
  /** What the agent is told if this rule names the denial, or the person if it asks. */
  readonly message: string;
}

/** What approvals name a rule by. */
export const ruleKey = ({ file, tool, name }: RuleRef): string => JSON.stringify([file, tool, name]);

/** Whether a rule is for a call at all. */
export interface Gate {
  /** What becomes of the rule where it is not, or where that cannot be told; null where it is for the call. */
  readonly closed: Judged | null;
  /** What its `when` saw. */
  readonly rows: readonly ConditionTrace[];
}

/** Judges a rule's `when`. `before` has the counters without this call. */
export function judgeWhen(rule: Rule, subject: Subject, before: Standing): Gate {
  const all = rule.when.map((condition) => see(condition, subject, before));
  const rows = rowsOf(all, "when › ");
  const fault = all.find((one) => one.fault !== null)?.fault ?? null;
  if (fault !== null) return { closed: erred(rule, rows, fault), rows };
  if (all.every(({ trace }) => trace.holds)) return { closed: null, rows };
  return { closed: { trace: traced(rule, "skip", rows), message: "" }, rows };
}

/**
 * Judges a rule that is for the call.
 *
 * @param standing the counters as they would be if the call were allowed
 * @param when what its `when` saw
 */
export function judgeRule(
  rule: Rule,
  subject: Subject,
  standing: Standing,
  approved: ReadonlySet<string>,
  when: readonly ConditionTrace[],
): Judged {
  const all = rule.conditions.map((condition) => see(condition, subject, standing));
  const conditions = when.length === 0 ? rowsOf(all) : [...when, ...rowsOf(all)];
  const fault = badCount(rule, subject, standing) ?? all.find((one) => one.fault !== null)?.fault ?? null;
  if (fault !== null) return erred(rule, conditions, fault);
  const failed = all.find((one) => !one.trace.holds);
  if (rule.action === "ask") return asked(rule, failed === undefined, conditions, approved);
  const passes = rule.action === "evaluate" ? failed === undefined : failed !== undefined;
  if (passes) return { trace: traced(rule, "pass", conditions), message: "" };
  return { trace: traced(rule, "deny", conditions), message: denialText(rule, failed) };
}

function asked(
  rule: Rule,
  asks: boolean,
  conditions: RuleTrace["conditions"],
  approved: ReadonlySet<string>,
): Judged {
  if (!asks) return { trace: traced(rule, "pass", conditions), message: "" };
  if (approved.has(ruleKey(rule.ref)))
    return { trace: traced(rule, "pass", conditions, "approved"), message: "" };
  return {
    trace: traced(rule, "ask", conditions),
    message: `Rule "${rule.ref.name}" asks for a person's approval`,
  };
}

/** What a plugin says, as a rule would: its evidence stands where conditions do. */
export function judgeVote(
  { rule, outcome, message, evidence, note, shadow }: Vote,
  approved: ReadonlySet<string>,
): Judged {
  const passes = outcome === "ask" && approved.has(ruleKey(rule));
  const conditions = evidenceRows(evidence, passes || outcome === "pass");
  const why = passes ? "approved" : note;
  const trace: RuleTrace = { rule, outcome: passes ? "pass" : outcome, conditions };
  return {
    trace: { ...trace, ...(why === undefined ? {} : { note: why }), ...(shadow ? { shadow } : {}) },
    message: passes ? "" : message,
  };
}

/** `op` of a row that shows a plugin's evidence. */
export const FOUND = "found";

/** What a plugin found and where, as rows of a trace. */
export function evidenceRows(evidence: JsonObject, holds: boolean): ConditionTrace[] {
  return Object.entries(evidence).map(([path, actual]) => ({
    path,
    op: FOUND,
    expected: undefined,
    actual,
    holds,
  }));
}

function erred(rule: Rule, conditions: RuleTrace["conditions"], fault: string): Judged {
  return { trace: traced(rule, "error", conditions, fault), message: `Rule "${rule.ref.name}": ${fault}` };
}

function traced(
  { ref: rule, shadow }: Rule,
  outcome: RuleTrace["outcome"],
  conditions: RuleTrace["conditions"],
  note?: string,
): RuleTrace {
  const trace: RuleTrace =
    note === undefined ? { rule, outcome, conditions } : { rule, outcome, conditions, note };
  return shadow ? { ...trace, shadow } : trace;
}

/** Why what the rule counts cannot be counted. */
function badCount(rule: Rule, { call }: Subject, standing: Standing): string | null {
  for (const { counter, amount } of rule.increments) {
    const micros = amount.of(call.args);
    if (typeof micros === "string") return micros;
    const stands = standing.get(counter);
    if (stands instanceof Fault) return stands.why;
  }
  return null;
}

function denialText(rule: Rule, failed: Seen | undefined): string {
  if (failed === undefined) return rule.onDeny ?? `Rule "${rule.ref.name}" denies this call`;
  if (rule.onDeny === null) return `Rule "${rule.ref.name}": ${failureOf(failed)}`;
  // "Single charge cannot exceed $500.00" does not tell a model that it forgot the amount.
  const { trace } = failed;
  const absent = trace.actual === undefined && trace.op !== "exists";
  return absent ? `${rule.onDeny} (${trace.path} is missing)` : rule.onDeny;
}
