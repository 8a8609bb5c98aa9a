import type { Json, JsonObject } from "../../wire/json.ts";
import { isSpared } from "./redact/spared.ts";

const known = new WeakMap<JsonObject, string>();

/** `result.text`: every text in a result, wherever it stands, a line each; pictures and the protocol's words are none. */
export function resultText(result: JsonObject): string {
  const had = known.get(result);
  if (had !== undefined) return had;
  const texts: string[] = [];
  const walk = (value: Json, root: string | null): void => {
    if (typeof value === "string") texts.push(value);
    else if (Array.isArray(value)) for (const each of value) walk(each, root);
    else if (typeof value === "object" && value !== null && !JSON.isRawJSON(value)) {
      const holder = value as JsonObject;
      for (const [key, each] of Object.entries(holder)) {
        if (!isSpared(root, holder, key)) walk(each, root ?? key);
      }
    }
  };
  walk(result, null);
  const text = texts.join("\n");
  known.set(result, text);
  return text;
}
