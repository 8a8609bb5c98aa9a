/** What a tool's `inputSchema` says of a path into its arguments. */

import { isObject, type Json, type JsonObject } from "../../wire/json.ts";
import { type Step, stepsText } from "../conditions/paths.ts";

/** A step that the schema has nothing for. */
export interface Absent {
  /** As a path has it, up to and with that step: `.customer.idd`. */
  readonly at: string;
  /** The step itself where it is a name, and the names that could stand there. */
  readonly name: string | null;
  readonly names: readonly string[];
}

/** The first step that arguments by the schema cannot have; null where they can, or where it does not say. */
export function absentIn(inputSchema: Json, steps: readonly Step[]): Absent | null {
  let forms = formsOf(inputSchema, inputSchema);
  for (const [i, step] of steps.entries()) {
    const next = forms.map((form) => (typeof step === "string" ? member(form, step) : element(form, step)));
    if (next.some((found) => found === ANYTHING)) return null;
    const found = next.flatMap((each) => (each === ANYTHING || each === NOTHING ? [] : [each]));
    if (found.length === 0) {
      const names = typeof step === "string" ? forms.flatMap((form) => Object.keys(propertiesOf(form))) : [];
      const at = stepsText(steps.slice(0, i + 1));
      return { at, name: typeof step === "string" ? step : null, names: [...new Set(names)] };
    }
    forms = found.flatMap((each) => formsOf(each, inputSchema));
  }
  return null;
}

const ANYTHING = Symbol("anything");
const NOTHING = Symbol("nothing");
type Inside = Json | typeof ANYTHING | typeof NOTHING;

/** Further than schemas nest what they are combined of; circles end here. */
const DEEPEST = 16;

/** The schemas that a value may be by: those it refers to and those it is combined of, taken apart. */
function formsOf(schema: Json, root: Json, depth = 0): readonly JsonObject[] {
  // `true`, or what cannot be read: it says nothing.
  if (!isObject(schema) || depth > DEEPEST) return [{}];
  const { $ref: ref, anyOf, oneOf, allOf } = schema;
  if (typeof ref === "string") return formsOf(referred(ref, root), root, depth + 1);
  const combined = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const parts = combined.flatMap((each) => formsOf(each, root, depth + 1));
  const own = parts.length === 0 || "properties" in schema || "items" in schema;
  return own ? [schema, ...parts] : parts;
}

/** What `#/$defs/address` refers to; nothing is said where it is elsewhere. */
function referred(ref: string, root: Json): Json {
  if (!ref.startsWith("#")) return true;
  let at: Json | undefined = root;
  for (const part of ref.slice(1).split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at ?? true;
}

const propertiesOf = ({ properties }: JsonObject): JsonObject => (isObject(properties) ? properties : {});

/** Schemas that name properties are taken at their word: servers ignore what they do not name. */
function member(form: JsonObject, name: string): Inside {
  const properties = propertiesOf(form);
  if (Object.hasOwn(properties, name)) return properties[name] ?? ANYTHING;
  if (!couldBe(form, "object")) return NOTHING;
  const { additionalProperties: more } = form;
  if (isObject(more)) return more;
  return more === true || "patternProperties" in form || !("properties" in form) ? ANYTHING : NOTHING;
}

function element(form: JsonObject, step: Step): Inside {
  const { items, prefixItems } = form;
  const first = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  if (typeof step === "number" && step < first.length) return first[step] ?? ANYTHING;
  if (isObject(items) && first.length === 0) return items;
  return couldBe(form, "array") ? ANYTHING : NOTHING;
}

function couldBe({ type }: JsonObject, wanted: string): boolean {
  return type === undefined || type === wanted || (Array.isArray(type) && type.includes(wanted));
}
