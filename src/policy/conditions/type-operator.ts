import type { Json } from "../../wire/json.ts";
import { Complaint } from "../complaint.ts";
import { show, showList } from "../show.ts";
import { oneOf } from "../suggest.ts";
import type { Operator } from "./operators.ts";

const TYPES = ["string", "number", "integer", "boolean", "array", "object", "null"] as const;
type Type = (typeof TYPES)[number];
const ALIASES = {
  text: "string",
  int: "integer",
  float: "number",
  bool: "boolean",
  list: "array",
  mapping: "object",
};

/** `type`: the JSON type of a value, or one of several. A whole number is a number and an integer. */
export const type: Operator = {
  compile(value) {
    const wanted = (Array.isArray(value) ? value : [value]).map(read);
    if (wanted.length === 0)
      throw new Complaint("type takes a type, not an empty list", `one of ${TYPES.join(", ")}`);
    return (actual) => wanted.some((each) => is(each, actual));
  },
  must: (value) => `must be of type ${Array.isArray(value) ? showList(value) : show(value)}`,
};

function read(value: unknown): Type {
  const known = TYPES.find((each) => each === value || (each === "null" && value === null));
  if (known !== undefined) return known;
  throw new Complaint(`unknown type ${show(value)}`, oneOf(String(value), TYPES, ALIASES));
}

function is(type: Type, actual: Json): boolean {
  switch (type) {
    case "null":
      return actual === null;
    case "array":
      return Array.isArray(actual);
    case "number":
      return typeof actual === "number" || JSON.isRawJSON(actual);
    case "integer":
      // 1.0 is an integer to JSON Schema; of digits that no double holds only plain ones are sure to be.
      return JSON.isRawJSON(actual) ? /^-?\d+$/.test(actual.rawJSON) : Number.isInteger(actual);
    case "object":
      return (
        typeof actual === "object" && actual !== null && !Array.isArray(actual) && !JSON.isRawJSON(actual)
      );
    default:
      return typeof actual === type;
  }
}
