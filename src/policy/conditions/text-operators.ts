import { Complaint } from "../complaint.ts";
import { show } from "../show.ts";
import { pathGlob } from "./globs.ts";
import { eitherWay } from "./list-in-text.ts";
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

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
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
        if (Array.isArray(actual)) return holds(actual.length, value);
        if (typeof actual !== "string") return `${name} measures text and lists`;
        return eitherWay(actual, holds(characters(actual), value), (list) => holds(list.length, value));
      };
    },
    must: (value) => `must have ${words} ${show(value)} characters or elements`,
  };
}

export const lengthLte = byLength("length_lte", "at most", (length, limit) => length <= limit);
export const lengthGte = byLength("length_gte", "at least", (length, limit) => length >= limit);
