import { type Condition, compileCondition } from "../conditions/conditions.ts";
import { compileDetectors } from "../results/redact/detectors.ts";
import type { Detector } from "../results/redact/match.ts";
import { parseSize } from "../results/size.ts";
import type { ResultRuleText } from "../schema/results.ts";
import type { RuleRef } from "../types.ts";

/** A rule ready to judge results. */
export interface ResultRule {
  readonly ref: RuleRef;
  /** `evaluate`: denies unless every condition holds. `deny`: denies when every condition holds. */
  readonly action: "evaluate" | "deny";
  readonly when: readonly Condition[];
  readonly conditions: readonly Condition[];
  /** Largest size in bytes; null for any. */
  readonly maxBytes: number | null;
  /** What it takes out of texts. */
  readonly detectors: readonly Detector[];
  readonly onDeny: string | null;
  readonly shadow: boolean;
}

/** Compiles a rule that has passed validation. */
export function compileResultRule(
  rule: ResultRuleText,
  ref: RuleRef,
  timezone: string,
  shadow: boolean,
): ResultRule {
  const compiled = (texts: ResultRuleText["conditions"]) =>
    texts.map((text) => compileCondition(text, { timezone, counter: () => null }));
  return {
    ref,
    action: rule.action,
    when: compiled(rule.when),
    conditions: compiled(rule.conditions),
    maxBytes: rule.max_bytes === undefined ? null : parseSize(rule.max_bytes),
    detectors: compileDetectors(rule.redact ?? []),
    onDeny: rule.on_deny ?? null,
    shadow,
  };
}
