import type { Ruling, Said } from "../../judging/rule.ts";
import type { Call } from "../../policy/types.ts";

/** What deciding a call anew needs, and what came of deciding it. */
export interface Facts extends Pick<Ruling, "before" | "uncounted"> {
  /** As it came. */
  readonly call: Call;
  /** `ruleKey` of each rule that a person has said yes to. */
  readonly approved: ReadonlySet<string>;
  /** What rules and plugins said, enforced or not; null where they were not asked. */
  readonly said: Said | null;
}

export function factsOf(
  call: Call,
  { said, before, uncounted }: Pick<Ruling, "said" | "before" | "uncounted">,
  approved: ReadonlySet<string>,
): Facts {
  if (said === null) return { call, before, uncounted, approved, said };
  // Not the decision itself, whose trace is large.
  const { verdict, rule, message } = said;
  return { call, before, uncounted, approved, said: { verdict, rule, message } };
}
