/** What is wrong with a line that is being typed, and where: a filter or JSON in it. */
import { type Mistake, parseFilter } from "../control/filter/parse.ts";
import { isObject } from "../wire/json.ts";
import { JsonError, parseStrict } from "../wire/parse.ts";
import type { Command } from "./command.ts";
import { typedArgument } from "./signature-words.ts";

/** In a command and what follows it. */
export function mistakeIn(command: Pick<Command, "name" | "args">, text: string): Mistake | null {
  const filter = typedArgument(command, text, "FILTER");
  if (filter !== null) return filterMistake(text, filter);
  const json = typedArgument(command, text, "JSON");
  return json === null ? null : jsonMistake(text, json);
}

/** In a filter that begins at `from`. */
export function filterMistake(text: string, from: number): Mistake | null {
  const parsed = parseFilter(text.slice(from));
  if (parsed.ok) return null;
  const { start, end, message } = parsed.mistake;
  return { start: start + from, end: end + from, message };
}

function jsonMistake(text: string, from: number): Mistake | null {
  const json = text.slice(from);
  if (json.trim() === "") return null;
  try {
    if (isObject(parseStrict(json))) return null;
    return { start: from, end: text.length, message: 'a JSON object is wanted, as in {"amount": 500}' };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const start = from + Math.min(error.offset, json.length);
    return { start, end: start + 1, message: error.message };
  }
}
