import { Complaint } from "../complaint.ts";
import { oneOf } from "../suggest.ts";
import { CLASSES, isClass, type ToolClass } from "../tools/classes.ts";
import { globMatches, isGlob } from "../tools/names.ts";

/** Which tools a key under `tools:` or an item of `hide:` is for. */
export type Selector =
  | { readonly kind: "all"; readonly text: string }
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "glob"; readonly text: string }
  | { readonly kind: "class"; readonly text: string; readonly of: ToolClass };

const CLASS = "class:";

/**
 * Reads a tool's name, a glob of names, `class:destructive` or `*`.
 * @throws {Complaint}
 */
export function parseSelector(text: string): Selector {
  if (text === "*") return { kind: "all", text };
  if (!text.startsWith(CLASS)) return { kind: isGlob(text) ? "glob" : "name", text };
  const of = text.slice(CLASS.length).trim();
  if (isClass(of)) return { kind: "class", text, of };
  throw new Complaint(`unknown class ${JSON.stringify(of)}`, oneOf(of, CLASSES));
}

export const classKey = (of: ToolClass): string => `${CLASS}${of}`;

/** Whether rules of the selector are for a tool: those for a class also for a tool that only may be of it. */
export function selects(selector: Selector, name: string, classes: readonly ToolClass[]): boolean {
  return selector.kind === "class" ? classes.includes(selector.of) : named(selector, name);
}

/** Whether the selector says that a tool is known, for `default: deny`: "*" lists nothing, a class only its own. */
export function lists(selector: Selector, name: string, classes: readonly ToolClass[]): boolean {
  if (selector.kind === "all") return false;
  return selector.kind === "class"
    ? classes.length === 1 && classes[0] === selector.of
    : named(selector, name);
}

function named(selector: Selector, name: string): boolean {
  switch (selector.kind) {
    case "all":
      return true;
    case "name":
      return selector.text === name;
    case "glob":
      return globMatches(selector.text, name);
    case "class":
      return false;
  }
}
