/** What an operator changed for now, as rules. */
import { parse as parseYaml } from "yaml";
import { parseFilter } from "../../control/filter/parse.ts";
import { isGlob } from "../../policy/tools/names.ts";
import type { RuleRef } from "../../policy/types.ts";
import type { Allowed, Changes } from "../operator/operator.ts";
import { addItem, LayoutError, type YamlPath } from "./add-to-yaml.ts";
import { conditionsOf } from "./filter-conditions.ts";
import type { Plain } from "./flow-text.ts";

export interface Draft {
  readonly text: string;
  /** The commands that take back what the text now says. */
  readonly takeBack: readonly string[];
  /** What is not in it, and why. */
  readonly leftOut: readonly string[];
}

interface Addition {
  readonly path: YamlPath;
  readonly item: Plain;
}

/** A policy file's text with rules that say what an operator changed. */
export function withRules(text: string, file: string, { blocks, allows, holds }: Changes): Draft {
  const draft = new Drafting(text);
  for (const { tool, until } of blocks) {
    const item = { name: `block ${tool}`, action: "deny", on_deny: `An operator has blocked ${tool}` };
    draft.try(`block ${tool}`, until, `unblock ${tool}`, () => [{ path: ["tools", tool, "rules"], item }]);
  }
  for (const allow of allows)
    draft.try(`allow ${allow.tool}`, allow.until, `unallow ${allow.tool}`, (now) =>
      exemptions(now, allow, file),
    );
  for (const filter of holds) draft.try(`hold ${filter}`, null, `resume ${filter}`, () => [holdRule(filter)]);
  return draft;
}

class Drafting implements Draft {
  text: string;
  readonly takeBack: string[] = [];
  readonly leftOut: string[] = [];

  constructor(text: string) {
    this.text = text;
  }

  /** All of what one change comes to, or nothing and why. */
  try(change: string, until: number | null, takeBack: string, make: (text: string) => Addition[]): void {
    try {
      if (until !== null) throw new Error("it ends by itself");
      let { text } = this;
      for (const { path, item } of make(text)) text = addItem(text, path, item);
      this.text = text;
      this.takeBack.push(takeBack);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const why =
        error instanceof LayoutError
          ? `the file is laid out in a way of its own; ${error.message}`
          : error.message;
      this.leftOut.push(`${change}: ${why}`);
    }
  }
}

function holdRule(filter: string): Addition {
  const parsed = parseFilter(filter);
  if (!parsed.ok || parsed.filter === null) throw new Error("it is no filter");
  const when = conditionsOf(parsed.filter);
  return { path: ["tools", "*", "rules"], item: { name: `hold ${filter}`, when, action: "ask" } };
}

/** The rules that an `allow` was stronger than, each with a `when` that leaves the tool out. */
function exemptions(text: string, { tool, overrode }: Allowed, file: string): Addition[] {
  if (overrode.length === 0) throw new Error("it has overridden no rule yet");
  const but: Plain = isGlob(tool)
    ? { not: { path: "tool.name", op: "glob", value: tool } }
    : { path: "tool.name", op: "neq", value: tool };
  return overrode.flatMap((rule): Addition[] => {
    if (rule.tool === "default")
      throw new Error(`${rule.file} says default: deny; list the tool under tools: by hand`);
    if (rule.tool === "budgets") throw new Error(`raise the limit of the budget ${rule.name} by hand`);
    if (rule.file !== file) throw new Error(`"${rule.name}" is in ${rule.file}, not in ${file}`);
    return placesOf(text, rule).map((path) => ({ path: [...path, "when"], item: but }));
  });
}

/** Where the rules of that name are. */
function placesOf(text: string, { tool, name }: RuleRef): YamlPath[] {
  const data: unknown = parseYaml(text);
  const rules = at(at(at(data, "tools"), tool), "rules");
  const list: unknown[] = Array.isArray(rules) ? rules : [];
  const places = list.flatMap((rule, i): YamlPath[] =>
    at(rule, "name") === name ? [["tools", tool, "rules", i]] : [],
  );
  if (places.length === 0) throw new Error(`the rule "${name}" is not there any more`);
  return places;
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
