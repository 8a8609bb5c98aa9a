import { isObject, type Json, type JsonObject } from "../../../wire/json.ts";
import { marker } from "./match.ts";
import type { Redaction } from "./redact.ts";

/** Keywords that text put in another's place most likely breaks. */
const KEYWORDS = ["enum", "const", "pattern", "format", "contentEncoding", "contentMediaType"];
/** `$ref` upon `$ref`. */
const MAX_HOPS = 64;

/**
 * The keyword of a tool's output schema that a replaced value would break; null where there is none. Redacting
 * must not break what the server promises without anybody knowing.
 */
export function brokenBy(schema: JsonObject, { path, was, what }: Redaction): string | null {
  const [root, ...steps] = path;
  if (root !== "structuredContent") return null;
  if (was === "name") return "a name";
  return constraint(schema, schema, steps, { was, length: marker(what).length }, MAX_HOPS);
}

interface Replaced {
  readonly was: Redaction["was"];
  readonly length: number;
}

function constraint(
  root: JsonObject,
  schema: Json | undefined,
  steps: readonly (string | number)[],
  replaced: Replaced,
  hops: number,
): string | null {
  if (!isObject(schema)) return null;
  if (hops === 0) return "$ref";
  const down = (at: Json | undefined, rest = steps) => constraint(root, at, rest, replaced, hops - 1);
  if (typeof schema.$ref === "string") {
    const target = resolve(root, schema.$ref);
    const found = target === undefined ? "$ref" : down(target);
    if (found !== null) return found;
  }
  for (const key of ["allOf", "then", "else", "dependentSchemas"]) {
    const parts = schema[key];
    const all = Array.isArray(parts)
      ? parts
      : key === "dependentSchemas" && isObject(parts)
        ? Object.values(parts)
        : [parts];
    for (const each of all) {
      const found = down(each);
      if (found !== null) return found;
    }
  }
  for (const key of ["anyOf", "oneOf"]) {
    const forms = schema[key];
    if (!Array.isArray(forms) || forms.length === 0) continue;
    const found = forms.map((each) => down(each));
    if (found.every((each) => each !== null)) return found[0] ?? null;
  }
  const [step, ...rest] = steps;
  if (step === undefined) return ownConstraint(schema, replaced);
  return memberOf(schema, step).reduce<string | null>((found, each) => found ?? down(each, rest), null);
}

function memberOf(schema: JsonObject, step: string | number): (Json | undefined)[] {
  if (typeof step === "number") {
    const first = Array.isArray(schema.prefixItems) ? schema.prefixItems[step] : undefined;
    return [first ?? (Array.isArray(schema.items) ? schema.items[step] : schema.items)];
  }
  const own =
    isObject(schema.properties) && Object.hasOwn(schema.properties, step)
      ? schema.properties[step]
      : undefined;
  // Whether a pattern is for this property is not worth finding out: each might be.
  const patterns = isObject(schema.patternProperties) ? Object.values(schema.patternProperties) : [];
  return [own ?? schema.additionalProperties, ...patterns];
}

function ownConstraint(schema: JsonObject, { was, length }: Replaced): string | null {
  const keyword = KEYWORDS.find((key) => schema[key] !== undefined);
  if (keyword !== undefined) return keyword;
  if (typeof schema.maxLength === "number" && schema.maxLength < length) return "maxLength";
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return was === "number" && schema.type !== undefined && !types.includes("string") ? "type" : null;
}

function resolve(root: JsonObject, ref: string): Json | undefined {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return undefined;
  let at: Json | undefined = root;
  for (const part of ref.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (at === undefined || !isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}
