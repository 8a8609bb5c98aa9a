import { isObject, type Json, type JsonObject } from "../../../wire/json.ts";
import { type Detector, type Match, replaced } from "./match.ts";
import { isSpared, namesAreText } from "./spared.ts";

/** Something that was replaced. */
export interface Redaction {
  /** Where in the result: `["content", 0, "text"]`. What is inside JSON text is at that text. */
  readonly path: readonly (string | number)[];
  readonly what: string;
  /** Type of the JSON value that has text in its place or in it; or it was the name of a member. */
  readonly was: "string" | "number" | "name";
}

export interface Redacted<T> {
  readonly value: T;
  readonly redactions: readonly Redaction[];
}

/** JSON text in text in text is followed so deep. */
const MAX_TEXTS = 3;

/** A result without what the detectors find in its texts; the same object where they find nothing. */
export function redact(result: JsonObject, detectors: readonly Detector[]): Redacted<JsonObject> {
  const redactions: Redaction[] = [];
  const find = (text: string, key: string | null): Match[] => detectors.flatMap((each) => each(text, key));
  const note = (path: Redaction["path"], matches: readonly Match[], was: Redaction["was"]) =>
    redactions.push(...matches.map(({ what }) => ({ path, what, was })));

  const inText = (text: string, key: string | null, path: Redaction["path"], depth: number): string => {
    const parsed = depth < MAX_TEXTS ? jsonText(text) : undefined;
    if (parsed !== undefined) {
      const value = inValue(parsed, null, path, depth + 1);
      return value === parsed ? text : JSON.stringify(value, null, text.includes("\n") ? 2 : 0);
    }
    const matches = find(text, key);
    note(path, matches, "string");
    return replaced(text, matches);
  };
  const inNumber = (value: Json, digits: string, key: string | null, path: Redaction["path"]): Json => {
    // Of shorter numbers nothing is told, and few are longer.
    const matches = /^\d{9,19}$/.test(digits) ? find(digits, key) : [];
    if (matches.length === 0) return value;
    note(path, matches, "number");
    return replaced(digits, matches);
  };
  /** @param depth how many texts the value is in */
  const inValue = (value: Json, key: string | null, path: Redaction["path"], depth: number): Json => {
    // Inside JSON text there is no path that an output schema could speak of.
    const below = (step: string | number) => (depth === 0 ? [...path, step] : path);
    if (typeof value === "string") return inText(value, key, path, depth);
    if (typeof value === "number") return inNumber(value, String(value), key, path);
    if (typeof value !== "object" || value === null) return value;
    if (JSON.isRawJSON(value)) return inNumber(value, value.rawJSON, key, path);
    if (Array.isArray(value)) {
      const items = value.map((each, i) => inValue(each, key, below(i), depth));
      return items.some((each, i) => each !== value[i]) ? items : value;
    }
    // In JSON text nothing is the protocol's.
    const root = rootOf(path);
    const names = depth > 0 || namesAreText(root);
    let changed = false;
    const members = new Map<string, Json>();
    for (const [name, each] of Object.entries(value)) {
      const clean =
        depth === 0 && isSpared(root, value, name) ? each : inValue(each, name, below(name), depth);
      const matches = names ? find(name, null) : [];
      note(below(name), matches, "name");
      changed ||= clean !== each || matches.length > 0;
      members.set(free(replaced(name, matches), members), clean);
    }
    return changed ? Object.fromEntries(members) : value;
  };

  const value = inValue(result, null, [], 0);
  return { value: isObject(value) ? value : result, redactions };
}

/** A name that no member has yet: two secrets make two members. */
function free(name: string, members: ReadonlyMap<string, unknown>): string {
  let other = name;
  for (let n = 2; members.has(other); n++) other = `${name} ${n}`;
  return other;
}

const rootOf = ([root]: Redaction["path"]): string | null => (root === undefined ? null : String(root));

/** What a text holds that is a JSON object or list, every number's digits kept; undefined for other texts. */
function jsonText(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text, exact);
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function exact(_: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === "number" && source !== undefined && String(value) !== source
    ? JSON.rawJSON(source)
    : value;
}
