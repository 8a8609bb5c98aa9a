import type { JsonObject } from "../../wire/json.ts";
import type { ResultRule } from "../compile/result-rules.ts";
import type { Policy, Refusal } from "../plan.ts";
import { failureOf, rowsOf, type Seen, see } from "../see.ts";
import type { Subject } from "../subject.ts";
import type { Call, ConditionTrace, RuleRef, RuleTrace } from "../types.ts";
import { brokenBy } from "./redact/output-schema.ts";
import { type Redaction, redact } from "./redact/redact.ts";

/** A server's answer to a call. */
export interface Answer {
  /** The `result`: `content`, `structuredContent`, `isError`. */
  readonly result: JsonObject;
  /** Size of the answer as it came. */
  readonly bytes: number;
  /** What the server promises of `structuredContent`, where it promises something. */
  readonly outputSchema: JsonObject | null;
}

export interface ResultDecision {
  /** `replace`: a plugin put another result in its place. */
  readonly verdict: "allow" | "deny" | "redact" | "replace";
  /** The rule that named the verdict; null for a plain allow. */
  readonly rule: RuleRef | null;
  /** What the agent is told in place of the result on a denial; "" otherwise. */
  readonly message: string;
  readonly trace: readonly RuleTrace[];
  /** The result to hand on unless it is denied: without what was to go, or the very one that came. */
  readonly result: JsonObject;
  readonly redactions: readonly Redaction[];
  /** What files in shadow mode would have done; null where they would have done nothing. */
  readonly would: {
    readonly verdict: "deny" | "redact" | "replace";
    readonly rule: RuleRef;
    readonly message: string;
  } | null;
}

/** Decides what becomes of a call's result. Pure. Deny beats redact; every rule's redactions apply. */
export function decideResult(call: Call, answer: Answer, policy: Policy): ResultDecision {
  const { rules, classes, shadowClasses } = policy.resultPlan(call);
  const trace: RuleTrace[] = [];
  const enforced = new Outcome(answer.result);
  const shadow = new Outcome(answer.result);
  for (const rule of rules) {
    const subject: Subject = { call, classes: rule.shadow ? shadowClasses : classes, result: answer.result };
    const outcome = rule.shadow ? shadow : enforced;
    trace.push(judge(rule, subject, answer, outcome));
  }
  const { denial, first, result, redactions } = enforced;
  const would = shadow.would();
  if (denial !== null) {
    return { verdict: "deny", ...denial, trace, result: answer.result, redactions: [], would };
  }
  return {
    verdict: first === null ? "allow" : "redact",
    rule: first,
    message: "",
    trace,
    result,
    redactions,
    would,
  };
}

/** An answer that is an error, without what the rules for results take out of them; null where they find nothing. */
export function cleanError(
  call: Call,
  error: JsonObject,
  policy: Policy,
): { readonly error: JsonObject; readonly rule: RuleRef; readonly shadow: boolean } | null {
  const { rules } = policy.resultPlan(call);
  for (const shadow of [false, true]) {
    // It has no `result.*` to ask about: what may have to go, goes.
    const detecting = rules.filter((rule) => rule.shadow === shadow && rule.detectors.length > 0);
    let clean = error;
    let first: RuleRef | null = null;
    for (const { ref, detectors } of detecting) {
      const { value, redactions } = redact(clean, detectors);
      if (redactions.length > 0) first ??= ref;
      clean = value;
    }
    if (first !== null) return { error: clean, rule: first, shadow };
  }
  return null;
}

/** What rules have come to so far. */
class Outcome {
  denial: Refusal | null = null;
  /** The first rule that took something out. */
  first: RuleRef | null = null;
  result: JsonObject;
  readonly redactions: Redaction[] = [];

  constructor(result: JsonObject) {
    this.result = result;
  }

  would(): ResultDecision["would"] {
    if (this.denial !== null) return { verdict: "deny", ...this.denial };
    return this.first === null ? null : { verdict: "redact", rule: this.first, message: "" };
  }
}

/** Judges one rule, adds what it comes to to `outcome`, and returns its trace. */
function judge(rule: ResultRule, subject: Subject, answer: Answer, outcome: Outcome): RuleTrace {
  const traced = (
    how: RuleTrace["outcome"],
    conditions: readonly ConditionTrace[],
    note?: string,
  ): RuleTrace => ({
    rule: rule.ref,
    outcome: how,
    conditions,
    ...(note === undefined ? {} : { note }),
    ...(rule.shadow ? { shadow: true } : {}),
  });
  const deny = (
    how: "deny" | "error",
    conditions: readonly ConditionTrace[],
    message: string,
    note?: string,
  ) => {
    outcome.denial ??= { rule: rule.ref, message };
    return traced(how, conditions, note);
  };
  const named = (why: string) => `Rule "${rule.ref.name}": ${why}`;

  const when = rule.when.map((condition) => see(condition, subject, NOTHING));
  const all = rule.conditions.map((condition) => see(condition, subject, NOTHING));
  const rows = rowsOf(when, "when › ");
  const conditions = [...rows, ...rowsOf(all)];
  const applies = when.every(({ trace }) => trace.holds);
  const fault = faultIn(when) ?? (applies ? faultIn(all) : null);
  if (fault !== null) return deny("error", conditions, named(fault), fault);
  if (!applies) return traced("skip", rows);

  const { maxBytes } = rule;
  if (maxBytes !== null && answer.bytes > maxBytes) {
    const why = `the result has ${answer.bytes} bytes, and must have at most ${maxBytes}`;
    return deny("deny", conditions, rule.onDeny ?? named(why), why);
  }
  const failed = all.find(({ trace }) => !trace.holds);
  if (rule.action === "deny" && failed === undefined) {
    return deny("deny", conditions, rule.onDeny ?? named("it does not let this result through"));
  }
  if (rule.action === "evaluate" && failed !== undefined) {
    return deny("deny", conditions, rule.onDeny ?? named(failureOf(failed)));
  }
  return clean(rule, answer, outcome, (how, note) =>
    how === "pass"
      ? traced("pass", conditions, note)
      : deny("deny", conditions, rule.onDeny ?? named(note ?? ""), note),
  );
}

/** Takes out what the rule's detectors find, unless that would break what the server promised. */
function clean(
  rule: ResultRule,
  { outputSchema }: Answer,
  outcome: Outcome,
  traced: (how: "pass" | "deny", note?: string) => RuleTrace,
): RuleTrace {
  if (rule.detectors.length === 0) return traced("pass");
  const { value, redactions } = redact(outcome.result, rule.detectors);
  if (redactions.length === 0) return traced("pass");
  for (const redaction of redactions) {
    const keyword = outputSchema === null ? null : brokenBy(outputSchema, redaction);
    if (keyword === null) continue;
    const where = redaction.path.join(".");
    return traced(
      "deny",
      `${redaction.what} at ${where} cannot be taken out: the output schema has ${keyword} there`,
    );
  }
  outcome.first ??= rule.ref;
  outcome.result = value;
  outcome.redactions.push(...redactions);
  return traced(
    "pass",
    `took out ${redactions.map(({ what, path }) => `${what} at ${path.join(".")}`).join(", ")}`,
  );
}

const NOTHING = new Map();

const faultIn = (all: readonly Seen[]): string | null =>
  all.find(({ fault }) => fault !== null)?.fault ?? null;
