import type { ConditionText } from "../conditions/condition-text.ts";
import type { DataPath } from "../source/locate.ts";
import type { SourceFile } from "../source/parse.ts";
import { type Claim, conflictIn } from "./conflicts.ts";
import { type Judging, judgingRules } from "./rules.ts";
import type { Warning } from "./warning.ts";

/** Rules whose conditions cannot hold together: they never fire, or deny everything. */
export const neverHolding = (source: SourceFile): Warning[] =>
  judgingRules(source).flatMap(({ rule, path }) => warningFor(rule, path));

function warningFor({ name, action, when, conditions }: Judging, path: DataPath): Warning[] {
  const claims = (list: "when" | "conditions", all: readonly ConditionText[]): Claim[] =>
    all.map((condition, i) => ({ condition, path: [...path, list, i] }));
  const rule = `rule ${JSON.stringify(name)}`;
  const never = conflictIn(claims("when", when));
  if (never !== null) {
    const message = `${rule} never fires: ${never.why}`;
    return [{ path: never.path, message, help: HELP }];
  }
  if (action === "evaluate") {
    const always = conflictIn(claims("conditions", conditions));
    if (always === null) return [];
    const message = `${rule} denies whatever it is for: ${always.why}`;
    return [{ path: always.path, message, help: `${HELP}; to deny everything, say action: deny` }];
  }
  // Counters are other ones in `when` (before the call) than in `conditions` (after it).
  const before = claims("when", when).filter(
    ({ condition }) => !JSON.stringify(condition).includes('"state.'),
  );
  const both = conflictIn([...before, ...claims("conditions", conditions)]);
  return both === null ? [] : [{ path: both.path, message: `${rule} never fires: ${both.why}`, help: HELP }];
}

const HELP = "all conditions of a list must hold: for alternatives write any: [...]";
