import type { ConditionText } from "../conditions/condition-text.ts";
import type { DataPath } from "../source/locate.ts";
import type { SourceFile } from "../source/parse.ts";

/** What rules of every section have. */
export interface Judging {
  readonly name: string;
  readonly action: "evaluate" | "deny" | "ask";
  readonly when: readonly ConditionText[];
  readonly conditions: readonly ConditionText[];
}

/** Every rule of a file that judges, whatever its section, and where it is. */
export function judgingRules({ data: { tools, results, resources, prompts } }: SourceFile) {
  const sections: Record<string, Record<string, { readonly rules: readonly Judging[] }>> = {
    tools,
    results,
    resources,
    prompts,
  };
  return Object.entries(sections).flatMap(([section, keys]) =>
    Object.entries(keys).flatMap(([key, { rules }]) =>
      rules.map((rule, i): { rule: Judging; path: DataPath } => ({ rule, path: [section, key, "rules", i] })),
    ),
  );
}
