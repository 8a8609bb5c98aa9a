import { isObject, type Json, type JsonObject } from "../wire/json.ts";
import { isSecretKey, maskText } from "./secrets.ts";

/** What stands in a record where a secret was. */
export const MASK = "[masked]";

/** What is nested deeper is masked whole: frames from a peer never are, and records must stay printable. */
const MAX_DEPTH = 256;

/**
 * Arguments with what looks like a secret masked: values of keys such as `password`, and the parts of texts
 * that have the shape of a key, token or private key. Where there is nothing to mask, the same object.
 */
export function mask(args: JsonObject): JsonObject {
  return maskObject(args, 1);
}

/**
 * A message that may quote arguments, without the secrets among them.
 *
 * @param masked what `mask` made of `args`
 */
export function maskMessage(message: string, args: JsonObject, masked: JsonObject): string {
  return secretsIn(args, masked).reduce(
    (text, secret) => text.replaceAll(secret, MASK),
    maskText(message, MASK),
  );
}

/** Quoted beginnings of masked values at least this long are looked for. */
const QUOTED = 76;

/** The values that were masked as a whole, as a message would have them; of long ones their beginning. */
function secretsIn(value: Json | undefined, masked: Json | undefined): string[] {
  if (value === undefined || value === masked) return [];
  if (masked === MASK) return leavesOf(value);
  if (Array.isArray(value) && Array.isArray(masked)) {
    return value.flatMap((each, i) => secretsIn(each, masked[i]));
  }
  if (!isObject(value) || !isObject(masked)) return [];
  return Object.keys(value).flatMap((key) => secretsIn(value[key], masked[key]));
}

function leavesOf(value: Json): string[] {
  if (typeof value === "string")
    return value === "" ? [] : [JSON.stringify(value.slice(0, QUOTED)).slice(1, -1)];
  if (typeof value === "number") return [String(value)];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return isObject(value) ? Object.values(value).flatMap(leavesOf) : [];
}

function maskValue(value: Json, depth: number): Json {
  if (typeof value === "string") return maskText(value, MASK);
  if (Array.isArray(value)) return depth > MAX_DEPTH ? MASK : maskArray(value, depth + 1);
  if (isObject(value)) return depth > MAX_DEPTH ? MASK : maskObject(value, depth + 1);
  return value;
}

function maskObject(object: JsonObject, depth: number): JsonObject {
  let copy: JsonObject | null = null;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    const masked = isSecretKey(key) && canHoldSecret(value) ? MASK : maskValue(value, depth);
    if (masked === value) continue;
    copy ??= { ...object };
    copy[key] = masked;
  }
  return copy ?? object;
}

function maskArray(array: Json[], depth: number): Json[] {
  let copy: Json[] | null = null;
  for (const [index, value] of array.entries()) {
    const masked = maskValue(value, depth);
    if (masked === value) continue;
    copy ??= array.slice();
    copy[index] = masked;
  }
  return copy ?? array;
}

/** `{"password": null}` and `{"token": true}` say that there is none, or whether there is one. */
function canHoldSecret(value: Json): boolean {
  return value !== null && typeof value !== "boolean" && value !== "";
}
