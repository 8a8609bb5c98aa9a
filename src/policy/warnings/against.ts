/** What a valid file says that does not fit the server it is for. */

import type { Json } from "../../wire/json.ts";
import { parseSelector, type Selector, selects } from "../compile/selectors.ts";
import { parsePath } from "../conditions/paths.ts";
import type { DataPath } from "../source/locate.ts";
import type { SourceFile } from "../source/parse.ts";
import { nearest } from "../suggest.ts";
import { CLASSES } from "../tools/classes.ts";
import type { Problem } from "../types.ts";
import { comparisonsOf } from "./comparisons.ts";
import { type Absent, absentIn } from "./input-schema.ts";
import { placed, type Warning } from "./warning.ts";

/** A tool as its server lists it. */
export interface ListedTool {
  readonly name: string;
  readonly inputSchema: Json;
}

/**
 * Tools that the file names and the server does not have, and arguments that its rules look at and the tools do not.
 *
 * @param tools of all servers that the file is for
 */
export function unfit(source: SourceFile, tools: readonly ListedTool[]): Problem[] {
  return placed(source, [...absentTools(source, tools), ...absentArguments(source, tools)]);
}

function absentTools({ data }: SourceFile, tools: readonly ListedTool[]): Warning[] {
  const names = tools.map(({ name }) => name);
  const warn = (text: string, path: DataPath, kinds: readonly Selector["kind"][]): Warning[] => {
    const selector = parseSelector(text);
    if (!kinds.includes(selector.kind) || tools.some(({ name }) => selects(selector, name, []))) return [];
    const meant = selector.kind === "name" ? nearest(text, names) : null;
    const message =
      selector.kind === "name"
        ? `the server has no tool ${JSON.stringify(text)}`
        : `the server has no tool that ${JSON.stringify(text)} is for`;
    return [{ path, at: "key", message, help: `${listed("it has", names)}${didYouMean(meant)}` }];
  };
  // A glob that only closes is a fence: that nothing stands behind it is as well.
  const fence = ["name"] as const;
  const limit = ["name", "glob"] as const;
  return [
    ...Object.entries(data.tools).flatMap(([key, { rules }]) =>
      warn(key, ["tools", key], rules.some(({ action }) => action !== "deny") ? limit : fence),
    ),
    ...Object.keys(data.results).flatMap((key) => warn(key, ["results", key], limit)),
    ...data.hide.flatMap((item, i) => (typeof item === "string" ? warn(item, ["hide", i], fence) : [])),
    ...Object.keys(data.classes).flatMap((key) => warn(key, ["classes", key], fence)),
    ...Object.entries(data.budgets).flatMap(([name, budget]) =>
      Object.keys(budget.tools).flatMap((key) => warn(key, ["budgets", name, "tools", key], limit)),
    ),
  ];
}

/** A path that a rule for some tools reads, and where it says so. */
interface Read {
  readonly key: string;
  readonly text: string;
  readonly path: DataPath;
}

function absentArguments(source: SourceFile, tools: readonly ListedTool[]): Warning[] {
  return readsOf(source).flatMap(({ key, text, path: at }): Warning[] => {
    const path = text.startsWith("args.") ? parsePath(text) : null;
    if (path?.root !== "args") return [];
    // What class a tool is of is not asked: it is enough that any tool has the argument.
    const concerned = tools.filter(({ name }) => selects(parseSelector(key), name, CLASSES));
    const found = concerned.map(({ inputSchema }) => absentIn(inputSchema, path.steps));
    const absent = found.flatMap((each) => each ?? []);
    const [first] = absent;
    if (first === undefined || absent.length < concerned.length) return [];
    return [{ path: at, ...wordsFor(key, first, absent) }];
  });
}

function wordsFor(key: string, { at, name }: Absent, all: readonly Absent[]): Omit<Warning, "path"> {
  const whose =
    parseSelector(key).kind === "name"
      ? `the tool ${JSON.stringify(key)} does not have`
      : `no tool that ${JSON.stringify(key)} is for has`;
  const names = [...new Set(all.flatMap(({ names }) => names))];
  const meant = name === null ? null : nearest(name, names);
  return { message: `${whose} args${at}`, help: `${listed("there is", names)}${didYouMean(meant)}` };
}

const MOST_LISTED = 12;

function listed(before: string, names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  const shown = names.length === 0 ? "nothing" : names.slice(0, MOST_LISTED).join(", ");
  return `${before} ${shown}${more > 0 ? ` and ${more} more` : ""}`;
}

const didYouMean = (meant: string | null) =>
  meant === null ? "" : `. Did you mean ${JSON.stringify(meant)}?`;

function readsOf({ data }: SourceFile): Read[] {
  const reads: Read[] = [];
  for (const section of ["tools", "results"] as const) {
    for (const [key, { rules }] of Object.entries(data[section])) {
      for (const [i, rule] of rules.entries()) {
        for (const list of ["when", "conditions"] as const) {
          for (const { comparison, path, negated } of comparisonsOf(rule[list], [
            section,
            key,
            "rules",
            i,
            list,
          ])) {
            // That something is not there may well be said of what is not known.
            if (comparison.op === "exists" && comparison.value === negated) continue;
            reads.push({ key, text: comparison.path, path: [...path, "path"] });
          }
        }
      }
    }
  }
  for (const [key, { rules }] of Object.entries(data.tools)) {
    for (const [i, { state, per = [] }] of rules.entries()) {
      const at = ["tools", key, "rules", i];
      for (const [n, text] of per.entries()) reads.push({ key, text, path: [...at, "per", n] });
      const from = state?.increment_from;
      if (from !== undefined) reads.push({ key, text: from, path: [...at, "state", "increment_from"] });
      for (const [n, text] of (state?.per ?? []).entries()) {
        reads.push({ key, text, path: [...at, "state", "per", n] });
      }
    }
  }
  for (const [name, { tools, per = [] }] of Object.entries(data.budgets)) {
    for (const [key, amount] of Object.entries(tools)) {
      if (typeof amount === "string")
        reads.push({ key, text: amount, path: ["budgets", name, "tools", key] });
      for (const [n, text] of per.entries()) reads.push({ key, text, path: ["budgets", name, "per", n] });
    }
  }
  return reads;
}
