/** What a valid file says and most likely does not mean. */
import type { ConditionText } from "../conditions/condition-text.ts";
import { scopeOf } from "../counters/counters.ts";
import type { RuleText } from "../schema/rules.ts";
import { nameMatches } from "../tools/names.ts";
import type { Problem } from "../types.ts";
import type { DataPath } from "./locate.ts";
import type { SourceFile } from "./parse.ts";

interface Warning {
  readonly path: DataPath;
  readonly message: string;
  readonly help: string;
}

export function warningsOf(source: SourceFile): Problem[] {
  const all = [
    ...hiddenRules(source),
    ...ruledOut(source),
    ...unlimited(source),
    ...everyInDenials(source),
    ...sameTests(source),
  ];
  return all
    .map(({ path, message, help }) => ({ file: source.name, ...source.place(path), message, help }))
    .sort((a, b) => a.line - b.line || a.col - b.col);
}

/** Rules of tools that are refused before any rule is looked at. */
function hiddenRules({ data, line }: SourceFile): Warning[] {
  return Object.entries(data.tools).flatMap(([key, { rules }]) => {
    const i = data.hide.findIndex((item) => typeof item === "string" && nameMatches(item, key));
    if (i < 0 || rules.length === 0) return [];
    const message = `the rules of ${JSON.stringify(key)} never fire: line ${line(["hide", i])} hides it`;
    return [{ path: ["tools", key], message, help: "remove them, or do not hide it" }];
  });
}

/** Rules after one that denies every call. */
function ruledOut({ data }: SourceFile): Warning[] {
  return Object.entries(data.tools).flatMap(([key, { rules }]) => {
    const first = rules.findIndex(deniesAll);
    return rules.slice(first + 1).flatMap(({ name }, i): Warning[] => {
      if (first < 0) return [];
      const by = JSON.stringify(rules[first]?.name);
      const message = `rule ${JSON.stringify(name)} decides nothing: ${by} before it denies every call`;
      return [
        {
          path: ["tools", key, "rules", first + 1 + i],
          message,
          help: "remove one of the two, or give the first a condition",
        },
      ];
    });
  });
}

const deniesAll = ({ action, conditions, when }: RuleText): boolean =>
  action === "deny" && conditions.length === 0 && when.length === 0;

/** Counters that calls add to and no condition reads. */
function unlimited({ data }: SourceFile): Warning[] {
  const read = new Set(
    Object.values(data.tools).flatMap(({ rules }) =>
      rules.flatMap(({ when, conditions }) => [...when, ...conditions].flatMap(pathsIn)),
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

function pathsIn(condition: ConditionText): string[] {
  if ("path" in condition) return [condition.path];
  if ("not" in condition) return pathsIn(condition.not);
  return ("any" in condition ? condition.any : condition.all).flatMap(pathsIn);
}

/** `[*]` where a rule denies: it then takes all elements to be bad, not one. */
function everyInDenials({ data: { tools, results, resources, prompts } }: SourceFile): Warning[] {
  const sections: Record<string, Record<string, { readonly rules: readonly Judging[] }>> = {
    tools,
    results,
    resources,
    prompts,
  };
  return Object.entries(sections).flatMap(([section, keys]) =>
    Object.entries(keys).flatMap(([key, { rules }]) =>
      rules.flatMap(({ action, conditions }, i) =>
        conditions.flatMap((condition, j) =>
          everyIn(condition, [section, key, "rules", i, "conditions", j], action !== "evaluate"),
        ),
      ),
    ),
  );
}

type Judging = Pick<RuleText, "action" | "conditions">;

/** @param denies whether the rule denies where the condition holds */
function everyIn(condition: ConditionText, path: DataPath, denies: boolean): Warning[] {
  if ("not" in condition) return everyIn(condition.not, [...path, "not"], !denies);
  if ("any" in condition)
    return condition.any.flatMap((each, i) => everyIn(each, [...path, "any", i], denies));
  if ("all" in condition)
    return condition.all.flatMap((each, i) => everyIn(each, [...path, "all", i], denies));
  if (!denies || !condition.path.includes("[*]")) return [];
  const message = `${condition.path}: this holds only where every element does, and one that does not lets the call through`;
  const help = `write ${condition.path.replaceAll("[*]", "[any]")} for one that does`;
  return [{ path: [...path, "path"], message, help }];
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
