import { isObject, type Json, type JsonObject } from "../wire/json.ts";

/**
 * What a person made of masked arguments, with each secret put back where its mask still stands in its place:
 * nobody has to see a secret to edit what is beside it.
 */
export function unmask(edited: JsonObject, masked: JsonObject, original: JsonObject): JsonObject {
  const copy: JsonObject = { ...edited };
  for (const key of Object.keys(copy)) {
    const value = copy[key];
    if (value !== undefined) copy[key] = unmaskValue(value, masked[key], original[key]);
  }
  return copy;
}

function unmaskValue(edited: Json, masked: Json | undefined, original: Json | undefined): Json {
  if (original === undefined || masked === original) return edited;
  if (typeof edited === "string") return edited === masked ? original : edited;
  if (Array.isArray(edited) && Array.isArray(masked) && Array.isArray(original))
    return edited.map((item, index) => unmaskValue(item, masked[index], original[index]));
  if (isObject(edited) && isObject(masked) && isObject(original)) return unmask(edited, masked, original);
  return edited;
}
