import { scopeOf } from "../counters/counters.ts";
import type { RuleText } from "../schema/rules.ts";
import type { SourceFile } from "../source/parse.ts";
import type { Problem } from "../types.ts";
import { comparisonsOf } from "./comparisons.ts";
import { neverHolding } from "./never.ts";
import { judgingRules } from "./rules.ts";
import { unreachable } from "./unreachable.ts";
import { placed, type Warning } from "./warning.ts";

/** What a valid file says and most likely does not mean. */
export function warningsOf(source: SourceFile): Problem[] {
  return placed(source, [
    ...unreachable(source),
    ...neverHolding(source),
    ...unlimited(source),
    ...everyInDenials(source),
    ...sameTests(source),
  ]);
}

/** Counters that calls add to and no condition reads. */
function unlimited({ data }: SourceFile): Warning[] {
  const judging = [data.tools, data.resources, data.prompts].flatMap((section) =>
    Object.values(section).flatMap(({ rules }) => rules as readonly Pick<RuleText, "when" | "conditions">[]),
  );
  const read = new Set(
    judging.flatMap(({ when, conditions }) =>
      comparisonsOf([...when, ...conditions], []).map(({ comparison }) => comparison.path),
    ),
  );
  return Object.entries(data.tools).flatMap(([key, { rules }]) =>
    rules.flatMap(({ state }, i): Warning[] => {
      const path = `state.${scopeOf(key)}.${state?.counter}`;
      if (state === undefined || read.has(path)) return [];
      const help = `limit it with a condition, such as { path: ${path}, op: lte, value: 100 }`;
      return [
        {
          path: ["tools", key, "rules", i, "state"],
          message: `${path} is counted and nobody limits it`,
          help,
        },
      ];
    }),
  );
}

/** `[*]` where a rule denies: it then takes all elements to be bad, not one. */
function everyInDenials(source: SourceFile): Warning[] {
  return judgingRules(source).flatMap(({ rule: { action, conditions }, path: at }) =>
    comparisonsOf(conditions, [...at, "conditions"]).flatMap(
      ({ comparison: { path: text }, path, negated }): Warning[] => {
        if ((action !== "evaluate") === negated || !text.includes("[*]")) return [];
        const message = `${text}: this holds only where every element does, and one that does not lets the call through`;
        const help = `write ${text.replaceAll("[*]", "[any]")} for one that does`;
        return [{ path: [...path, "path"], message, help }];
      },
    ),
  );
}

/** Tests that ask what another one asks. */
function sameTests({ data, line }: SourceFile): Warning[] {
  const seen = new Map<string, number>();
  return data.tests.flatMap((test, i): Warning[] => {
    const asks: Record<string, unknown> = { ...test };
    for (const key of ["name", "expect", "rule", "message", "becomes"]) delete asks[key];
    const text = JSON.stringify(asks);
    const first = seen.get(text);
    if (first === undefined) {
      seen.set(text, i);
      return [];
    }
    const message = `this test asks what the one in line ${line(["tests", first])} asks`;
    return [{ path: ["tests", i], message, help: "make one test of the two" }];
  });
}
