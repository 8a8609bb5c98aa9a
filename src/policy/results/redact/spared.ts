import type { JsonObject } from "../../../wire/json.ts";

/** What MCP itself says in content: changed, it would mean something else. */
const CONTENT_KEYS: ReadonlySet<string> = new Set(["type", "mimeType", "role", "audience"]);
/** Where content is: of tools, of resources, of prompts. */
const CONTENT_ROOTS: ReadonlySet<string> = new Set(["content", "contents", "messages"]);
const RESULT_KEYS: ReadonlySet<string> = new Set(["resultType", "requestState"]);

/**
 * Members of a result that are no text of the server's: the protocol's own words, and base64 of pictures, sounds
 * and files.
 *
 * @param root the member of the result that `holder` is in; null for the result itself
 */
export function isSpared(root: string | null, holder: JsonObject, key: string): boolean {
  if (root === null) return RESULT_KEYS.has(key);
  if (!CONTENT_ROOTS.has(root)) return false;
  if (key === "blob") return typeof holder.uri === "string";
  if (key === "data") return holder.type === "image" || holder.type === "audio";
  return CONTENT_KEYS.has(key);
}

/** Whether the names of members are the server's own, and not MCP's. */
export const namesAreText = (root: string | null): boolean => root !== null && !CONTENT_ROOTS.has(root);
