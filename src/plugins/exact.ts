import { isObject, type Json } from "../wire/json.ts";

/**
 * Gives back the digits that a value lost on its way through a plugin: numbers that no double holds arrive there
 * rounded. Where the plugin left such a number as it was, in the same place, the original is put back.
 */
export function restoreExact(before: Json, after: Json): Json {
  if (typeof before !== "object" || before === null) return after;
  if (JSON.isRawJSON(before)) {
    const rounded = Number(before.rawJSON);
    // JSON has no infinity: a number too large comes back as null.
    return after === (Number.isFinite(rounded) ? rounded : null) ? before : after;
  }
  if (Array.isArray(before)) {
    return Array.isArray(after) ? after.map((each, i) => restoreExact(before[i] ?? null, each)) : after;
  }
  if (!isObject(before) || !isObject(after)) return after;
  const restored = Object.entries(after).map(([key, each]) => [
    key,
    Object.hasOwn(before, key) ? restoreExact(before[key] ?? null, each) : each,
  ]);
  return Object.fromEntries(restored);
}
