import { compileRule, type Declared, limitsOf } from "./compile-rule.ts";
import { Counter, RATE_COUNTER, scopeOf } from "./counters.ts";
import { folded, globMatches, isGlob } from "./names.ts";
import type { SourceFile } from "./parse.ts";
import type { Rule } from "./plan.ts";
import type { CounterLimit, RuleRef, Window } from "./types.ts";
import { parseWindow, windowText } from "./window.ts";

/** A name or glob that the policy mentions, and where. */
export interface Mention {
  readonly name: string;
  readonly ref: RuleRef;
}

/** What one file says, by tool. */
export interface FilePlan {
  readonly rules: number;
  readonly limits: readonly CounterLimit[];
  readonly hide: readonly Mention[];
  /** Where the file says `default: deny`; null where it does not. */
  readonly closed: RuleRef | null;
  /** Names without wildcards, as they stand and folded. */
  readonly mentions: ReadonlySet<string>;
  readonly foldedNames: ReadonlyMap<string, Mention>;
  readonly globs: readonly Mention[];
  /** Whether a key other than "*" covers the tool. */
  lists(tool: string): boolean;
  /** Rules of the exact key, then of globs as they stand in the file, then of "*". */
  rulesFor(tool: string): readonly Rule[];
}

/** @param counters every counter of the policy so far, by identity; those of this file are added */
export function compileFile(source: SourceFile, counters: Map<string, Counter>): FilePlan {
  const { data, name: file } = source;
  const keys = Object.keys(data.tools);
  const own = declaredCounters(source, counters);
  const byKey = new Map<string, Rule[]>();
  for (const [key, { rules }] of Object.entries(data.tools)) {
    byKey.set(
      key,
      rules.map((rule, i) => {
        const ref = { name: rule.name, tool: key, file, line: source.line(["tools", key, "rules", i]) };
        return compileRule(rule, ref, own, data.timezone);
      }),
    );
  }

  const hide = data.hide.map((name, i) => ({
    name,
    ref: { name: "hidden", tool: "hide", file, line: source.line(["hide", i]) },
  }));
  const mentioned: Mention[] = [
    ...keys
      .filter((key) => key !== "*")
      .map((key) => ({ name: key, ref: { name: key, tool: key, file, line: source.line(["tools", key]) } })),
    ...hide,
  ];
  const names = mentioned.filter(({ name }) => !isGlob(name));
  const toolGlobs = keys.filter((key) => key !== "*" && isGlob(key));
  const all = [...byKey.values()].flat();
  return {
    rules: all.length,
    limits: all.flatMap(limitsOf),
    hide,
    closed:
      data.default === "deny"
        ? { name: "default deny", tool: "default", file, line: source.line(["default"]) }
        : null,
    mentions: new Set(names.map(({ name }) => name)),
    foldedNames: new Map(names.map((mention) => [folded(mention.name), mention])),
    globs: mentioned.filter(({ name }) => isGlob(name)),
    lists: (tool) => (tool !== "*" && byKey.has(tool)) || toolGlobs.some((glob) => globMatches(glob, tool)),
    rulesFor: (tool) => [
      ...(tool !== "*" && !isGlob(tool) ? (byKey.get(tool) ?? []) : []),
      ...toolGlobs.filter((glob) => globMatches(glob, tool)).flatMap((glob) => byKey.get(glob) ?? []),
      ...(byKey.get("*") ?? []),
    ],
  };
}

/** Finds the counters that this file's rules declare; adds them to those of the whole policy. */
function declaredCounters({ data }: SourceFile, counters: Map<string, Counter>): Declared {
  const intern = (scope: string, name: string, window: Window): Counter => {
    const key = JSON.stringify([scope, name, windowText(window)]);
    const counter = counters.get(key) ?? new Counter(scope, name, window);
    counters.set(key, counter);
    return counter;
  };
  const own = new Map<string, Counter>();
  const pathOf = (scope: string, name: string) => JSON.stringify([scope, name]);
  for (const [key, { rules }] of Object.entries(data.tools)) {
    for (const { state } of rules) {
      if (state === undefined) continue;
      const scope = scopeOf(key);
      const counter = intern(scope, state.counter, parseWindow(state.window, data.timezone));
      own.set(pathOf(scope, state.counter), counter);
    }
  }
  return {
    find: (scope, name) => own.get(pathOf(scope, name)) ?? null,
    rate: (scope, window) => intern(scope, RATE_COUNTER, window),
  };
}
