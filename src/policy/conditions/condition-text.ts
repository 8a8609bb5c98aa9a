import type { OperatorName } from "./operators.ts";

/** One comparison, as the policy file has it. */
export interface ComparisonText {
  readonly path: string;
  readonly op: OperatorName;
  readonly value?: unknown;
}

export interface AnyText {
  readonly any: readonly ConditionText[];
}

export interface AllText {
  readonly all: readonly ConditionText[];
}

export interface NotText {
  readonly not: ConditionText;
}

/** A condition as the policy file has it. */
export type ConditionText = ComparisonText | AnyText | AllText | NotText;
