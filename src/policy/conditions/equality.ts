import { isObject, type Json } from "../../wire/json.ts";
import { a, typeOf } from "../show.ts";

/** Readers that keep doubles and readers that keep digits see different numbers: no comparison is safe. */
export const INEXACT = "not all JSON readers keep such a number whole";

/**
 * Why `actual` cannot be compared with the policy's values, or null where it can. A server may read "5" as 5 and
 * ["admin"] as "admin"; so values of different types are neither equal nor different, and the rule errs.
 */
export function compareTypes(actual: Json, wanted: readonly Json[]): string | null {
  if (JSON.isRawJSON(actual)) return INEXACT;
  if (holdsInexact(actual)) return "not all JSON readers keep a number in it whole";
  if (actual === null || wanted.length === 0) return null;
  const type = typeOf(actual);
  for (const each of wanted) if (each === null || typeOf(each) === type) return null;
  const types = [...new Set(wanted.map(typeOf))].map(a).join(" or ");
  return `${a(type)} is not compared with ${types}`;
}

/** Whether two JSON values are the same: text by code unit, numbers by value, objects in any order of keys. */
export function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((each, i) => equal(each, b[i] ?? null));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key] ?? null, b[key] ?? null))
  );
}

/** Whether the value is, or has in it, a number that no double holds. */
function holdsInexact(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (JSON.isRawJSON(value)) return true;
  return Object.values(value).some(holdsInexact);
}
