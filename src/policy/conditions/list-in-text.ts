import type { Json } from "../../wire/json.ts";
import type { Held } from "./operators.ts";

/**
 * What holds of a text, for operators that judge texts and lists: servers such as Python's FastMCP read the text
 * `"[...]"` as the list in it where they want one. Where that list is judged another way, there is no telling.
 */
export function eitherWay(text: string, held: boolean, ofList: (list: readonly Json[]) => boolean): Held {
  const list = listIn(text);
  return list === null || ofList(list) === held ? held : "some servers read the list in such a text";
}

function listIn(text: string): readonly Json[] | null {
  if (!/^\s*\[/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
