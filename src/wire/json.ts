/**
 * A number whose decimal text a double cannot hold, kept as that text
 * (TC39 "JSON.parse source text access"; made by `JSON.rawJSON`).
 */
export interface ExactNumber {
  readonly rawJSON: string;
}

export type JsonObject = { [key: string]: Json };

/** A parsed JSON value. Numbers that survive a double are numbers; the others are `ExactNumber`. */
export type Json = null | boolean | number | string | ExactNumber | Json[] | JsonObject;

declare global {
  interface JSON {
    rawJSON(text: string): ExactNumber;
    isRawJSON(value: unknown): value is ExactNumber;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
