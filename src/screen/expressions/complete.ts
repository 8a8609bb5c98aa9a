import type { Content } from "../content.ts";
import { liveData, NAMES } from "./data.ts";

const METHODS = ["filter(", "map(", "find(", "some(", "at(-1)", "length"];

/** What can stand in place of the last name of a word of an expression: `calls.filter(c=>c.de`. */
export function expressionWords(content: Content, word: string): string[] {
  const [, head = "", list = ""] =
    /^(.*?)(?:(calls|counters|agents|rules|tools)\.)?[\w$]*$/s.exec(word) ?? [];
  if (list !== "") return METHODS.map((method) => `${head}${list}.${method}`);
  if (head.endsWith(".")) return fields(content).map((field) => head + field);
  return Object.keys(NAMES).map((name) => head + name);
}

/** Of any row there is. */
function fields(content: Content): string[] {
  const rows = Object.values(liveData(content)).flatMap((list) =>
    Array.isArray(list) ? list.slice(-1) : [],
  );
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}
