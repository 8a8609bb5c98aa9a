/** What a file says of requests for resources and prompts. */

import { fold } from "../../fold.ts";
import { pathGlob } from "../conditions/globs.ts";
import type { Rule } from "../plan.ts";
import type { SourceFile } from "../source/parse.ts";
import { isGlob, nameMatches } from "../tools/names.ts";
import type { RuleRef } from "../types.ts";
import { compileRule, type FileContext } from "./compile-rule.ts";
import { type Mentions, mentionsOf } from "./near-miss.ts";
import { uriForms, withoutExtras } from "./uris.ts";

export interface RequestPlan {
  /** The key with `hide: true` that a name falls under. */
  hides(name: string): RuleRef | null;
  /** Whether a key other than "*" is for the name, however a server may read it. */
  lists(name: string): boolean;
  /** Why a name cannot be judged, and where the file would; null where it can. */
  unsure(name: string): { readonly rule: RuleRef; readonly why: string } | null;
  readonly mentions: Mentions;
  readonly rules: readonly Rule[];
  rulesFor(name: string): readonly Rule[];
}

type Section = "resources" | "prompts";

export function compileRequests(source: SourceFile, section: Section, context: FileContext): RequestPlan {
  const { data, name: file } = source;
  const keys = Object.entries(data[section]).map(([key, { hide, rules }]) => ({
    key,
    hide,
    ref: { name: "hidden", tool: key, file, line: source.line([section, key], "key") },
    ...(section === "prompts" ? promptKey(key) : uriKey(key)),
    rules: rules.map((rule, i) => {
      const ref = { name: rule.name, tool: key, file, line: source.line([section, key, "rules", i]) };
      return compileRule({ ...rule, state: undefined }, ref, context, `${section} ${key}`);
    }),
  }));
  const [first] = keys;
  const mentioned = section === "prompts" ? keys.filter(({ key }) => key !== "*") : [];
  return {
    hides: (name) => keys.find(({ hide, matches }) => hide && matches(name))?.ref ?? null,
    lists: (name) => keys.some(({ key, lists }) => key !== "*" && lists(name)),
    unsure(name) {
      const forms = section === "resources" && first !== undefined ? uriForms(name) : [];
      return typeof forms === "string" && first !== undefined
        ? { rule: { ...first.ref, name: "readable URI" }, why: forms }
        : null;
    },
    mentions: mentionsOf(mentioned.map(({ key, ref }) => ({ name: key, ref: { ...ref, name: key } }))),
    rules: keys.flatMap(({ rules }) => rules),
    rulesFor: (name) => keys.filter(({ matches }) => matches(name)).flatMap(({ rules }) => rules),
  };
}

/** What a key is for: to rules, which take something away, and to `default: deny`, of which it takes something out. */
interface Key {
  matches(name: string): boolean;
  lists(name: string): boolean;
}

function promptKey(key: string): Key {
  const matches = (name: string) => nameMatches(key, name);
  return { matches, lists: matches };
}

/**
 * Rules for a URI are also for what some server may take for it: another case, an encoded form. Listed is only what
 * every server takes for something that is.
 */
function uriKey(key: string): Key {
  if (key === "*") return { matches: () => true, lists: () => true };
  const [exact, loose] = isGlob(key)
    ? [pathGlob(key), pathGlob(fold(key))]
    : [sameUri(key), sameUri(fold(key))];
  return {
    matches(uri) {
      const forms = uriForms(uri);
      if (typeof forms === "string") return true;
      return forms
        .flatMap((form) => [form, withoutExtras(form)])
        .some((form) => exact(form) || loose(fold(form)));
    },
    lists(uri) {
      const forms = uriForms(uri);
      return typeof forms !== "string" && forms.every(exact);
    },
  };
}

function sameUri(key: string): (form: string) => boolean {
  const forms = uriForms(key);
  return (form) => form === key || forms.includes(form);
}
