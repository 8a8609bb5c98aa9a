import type { Json } from "../../wire/json.ts";
import { Complaint } from "../complaint.ts";
import { show } from "../show.ts";
import { pathGlob } from "./globs.ts";
import type { Operator } from "./operators.ts";

/** An operator that compares text with text. */
function onText(
  name: string,
  must: string,
  example: string,
  read: (value: string) => (text: string) => boolean,
) {
  return {
    compile(value) {
      if (typeof value !== "string" || value === "") {
        const given = value === "" ? "empty text" : show(value);
        throw new Complaint(`${name} takes text, not ${given}`, `write text, such as value: ${example}`);
      }
      const holds = read(value);
      return (actual) => (typeof actual === "string" ? holds(actual) : `${name} reads text`);
    },
    must: (value) => `must ${must} ${show(value)}`,
  } satisfies Operator;
}

export const startsWith = onText(
  "starts_with",
  "start with",
  "acct_",
  (value) => (text) => text.startsWith(value),
);
export const endsWith = onText(
  "ends_with",
  "end with",
  '"@example.com"',
  (value) => (text) => text.endsWith(value),
);
export const glob = onText("glob", "match", '"reports/*.csv"', pathGlob);

/** Characters of a text, elements of a list. */
function length(actual: Json): number | null {
  if (Array.isArray(actual)) return actual.length;
  if (typeof actual !== "string") return null;
  let characters = 0;
  for (const _ of actual) characters++;
  return characters;
}

function byLength(name: string, words: string, holds: (length: number, limit: number) => boolean): Operator {
  return {
    compile(value) {
      if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
        throw new Complaint(
          `${name} takes a whole number, not ${show(value)}`,
          "write a number, such as value: 500",
        );
      }
      return (actual) => {
        const long = length(actual);
        return long === null ? `${name} measures text and lists` : holds(long, value);
      };
    },
    must: (value) => `must have ${words} ${show(value)} characters or elements`,
  };
}

export const lengthLte = byLength("length_lte", "at most", (length, limit) => length <= limit);
export const lengthGte = byLength("length_gte", "at least", (length, limit) => length >= limit);
