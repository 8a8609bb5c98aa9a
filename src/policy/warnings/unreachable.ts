/** Rules that are never asked, or whose answer changes nothing. */
import { parseSelector, selects } from "../compile/selectors.ts";
import type { RuleText } from "../schema/rules.ts";
import type { SourceFile } from "../source/parse.ts";
import { nameMatches } from "../tools/names.ts";
import type { Warning } from "./warning.ts";

export const unreachable = (source: SourceFile): Warning[] => [
  ...hiddenRules(source),
  ...hiddenRequests(source),
  ...ruledOut(source),
  ...ruledOutByOthers(source),
  ...nothingListed(source),
];

/** Rules of tools that are refused before any rule is looked at. */
function hiddenRules({ data, line }: SourceFile): Warning[] {
  return (["tools", "results"] as const).flatMap((section) =>
    Object.entries(data[section]).flatMap(([key, { rules }]): Warning[] => {
      const i = data.hide.findIndex((item) => typeof item === "string" && nameMatches(item, key));
      if (i < 0 || rules.length === 0) return [];
      const message = `the rules of ${JSON.stringify(key)} never fire: line ${line(["hide", i])} hides it`;
      return [{ path: [section, key], at: "key", message, help: "remove them, or do not hide it" }];
    }),
  );
}

function hiddenRequests({ data }: SourceFile): Warning[] {
  return (["resources", "prompts"] as const).flatMap((section) =>
    Object.entries(data[section]).flatMap(([key, { hide, rules }]): Warning[] => {
      if (!hide || rules.length === 0) return [];
      const message = `the rules of ${JSON.stringify(key)} never fire: it is hidden`;
      return [{ path: [section, key, "rules"], message, help: "remove them, or hide: true" }];
    }),
  );
}

/** Rules after one that denies every call. */
function ruledOut({ data }: SourceFile): Warning[] {
  return Object.entries(data.tools).flatMap(([key, { rules }]) => {
    const first = rules.findIndex(deniesAll);
    return rules.slice(first + 1).flatMap(({ name }, i): Warning[] => {
      if (first < 0) return [];
      const by = JSON.stringify(rules[first]?.name);
      const message = `rule ${JSON.stringify(name)} decides nothing: ${by} before it denies every call`;
      const help = "remove one of the two, or give the first a condition";
      return [{ path: ["tools", key, "rules", first + 1 + i], message, help }];
    });
  });
}

/** Keys of which every tool falls under another key too, that denies every call. */
function ruledOutByOthers({ data }: SourceFile): Warning[] {
  const closed = Object.entries(data.tools).flatMap(([key, { rules }]) => {
    const rule = rules.find(deniesAll);
    return rule === undefined ? [] : [{ key, name: rule.name }];
  });
  return Object.entries(data.tools).flatMap(([key, { rules }]): Warning[] => {
    const by = closed.find((other) => other.key !== key && covers(other.key, key));
    // One that denies as well may be there for its own words.
    if (by === undefined || rules.every(({ action }) => action === "deny")) return [];
    const message = `the rules of ${JSON.stringify(key)} decide nothing: ${JSON.stringify(by.name)} of ${JSON.stringify(by.key)} denies every call`;
    return [
      {
        path: ["tools", key],
        at: "key",
        message,
        help: "all rules must allow a call: remove one of the two",
      },
    ];
  });
}

/** Whether every tool of one key is one of the other's. */
function covers(wide: string, narrow: string): boolean {
  return wide === "*" || (parseSelector(narrow).kind === "name" && selects(parseSelector(wide), narrow, []));
}

const deniesAll = ({ action, conditions, when }: RuleText): boolean =>
  action === "deny" && conditions.length === 0 && when.length === 0;

/** `default: deny` in a file that lists nothing. */
function nothingListed({ data }: SourceFile): Warning[] {
  const keys = [data.tools, data.resources, data.prompts].flatMap((section) => Object.keys(section));
  if (data.default !== "deny" || keys.some((key) => key !== "*")) return [];
  const message = "default: deny, and the file lists nothing: every call is denied";
  return [
    {
      path: ["default"],
      message,
      help: 'list what is allowed under tools:, by names or globs; "*" lists none',
    },
  ];
}
