/**
 * What kind of thing a tool does. The policy's `classes:` say it; else the server's annotations; else the words
 * of the tool's name; and where none of these tell, it may be anything but harmless.
 */
import type { JsonObject } from "../../wire/json.ts";
import { DESTRUCTIVE, ENDING, EXECUTE, FINANCIAL, FINANCIAL_OBJECTS, READ, WRITE } from "./verbs.ts";

/** From the least to the most dangerous. */
export const CLASSES = ["read", "write", "destructive", "financial", "execute"] as const;
export type ToolClass = (typeof CLASSES)[number];

export const isClass = (text: string): text is ToolClass => CLASSES.some((each) => each === text);

/** What a tool of which nothing is known could be. */
const UNKNOWN: readonly ToolClass[] = ["write", "destructive", "financial", "execute"];

const KNOWN = {
  read: ["read"],
  write: ["write"],
  destructive: ["destructive"],
  financial: ["financial"],
  execute: ["execute"],
} as const satisfies Record<ToolClass, readonly ToolClass[]>;

/** One class, as a list. */
export const only = (known: ToolClass): readonly ToolClass[] => KNOWN[known];

/** The class of a tool, or the several that one of which nothing is known could be of. */
export function classesOf(tool: string, annotations: JsonObject | null | undefined): readonly ToolClass[] {
  // Of a server that says so; `classes:` is for those that say it wrongly.
  if (annotations?.readOnlyHint === true) return KNOWN.read;
  const named = classOfName(tool);
  // Annotations have no words for these.
  if (named === "financial" || named === "execute") return KNOWN[named];
  if (annotations?.destructiveHint === true) return KNOWN.destructive;
  if (annotations?.destructiveHint === false)
    return named === "destructive" ? KNOWN.destructive : KNOWN.write;
  // "destructiveHint: if true, the tool may perform destructive updates; default: true" (MCP ToolAnnotations).
  if (annotations?.readOnlyHint === false) return named === "write" ? KNOWN.write : KNOWN.destructive;
  return named === null ? UNKNOWN : KNOWN[named];
}

const VERBS: ReadonlyMap<string, ToolClass> = new Map<string, ToolClass>([
  ...READ.map((verb) => [verb, "read"] as const),
  ...WRITE.map((verb) => [verb, "write"] as const),
  ...DESTRUCTIVE.map((verb) => [verb, "destructive"] as const),
  ...FINANCIAL.map((verb) => [verb, "financial"] as const),
  ...EXECUTE.map((verb) => [verb, "execute"] as const),
]);
const OBJECTS = new Set(FINANCIAL_OBJECTS);
/** Verbs that are no nouns: at the end of a name they are done as well. */
const ENDS = new Set(ENDING);
const JOINTS = new Set(["and", "or", "then"]);

/** The class that a tool's name tells; null where it has no word that does. */
function classOfName(tool: string): ToolClass | null {
  const words = wordsOf(tool);
  const known = words.flatMap((word) => VERBS.get(word) ?? []);
  const [first] = known;
  if (first === undefined) return null;
  // "list_runs" reads; "find_and_replace" and "search_replace" do not.
  const more = words.some((word) => JOINTS.has(word)) || ENDS.has(words.at(-1) ?? "");
  if (first === "read" && !more) return "read";
  const worst = known.reduce((a, b) => (CLASSES.indexOf(b) > CLASSES.indexOf(a) ? b : a));
  const money = worst !== "execute" && worst !== "read" && words.some((word) => OBJECTS.has(word));
  return money ? "financial" : worst;
}

/** `createCharge`, `create-charge` and `stripe.create_charge` have the words create and charge. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
}
