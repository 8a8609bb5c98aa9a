const LONGEST = 80;

/** A value in a sentence that a person or a model reads: short whatever its size, control characters escaped. */
export function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") {
    return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value);
  }
  if (typeof value === "object" && value !== null) {
    if (JSON.isRawJSON(value)) return clip(value.rawJSON);
    // Never serialised: an argument can be many megabytes.
    return Array.isArray(value) ? "an array" : "an object";
  }
  return String(value);
}

/** A list of allowed values in a sentence. */
export function showList(values: readonly unknown[]): string {
  const shown = values.slice(0, 10).map(show).join(", ");
  return values.length > 10 ? `${shown}, ...` : shown;
}

/** The JSON type of a value, as a noun. */
export function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return JSON.isRawJSON(value) ? "number" : "object";
  return typeof value;
}

/** A noun with its article. */
export const a = (noun: string) => `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;

const clip = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
