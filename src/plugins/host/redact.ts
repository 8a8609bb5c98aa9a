import type { Json, ResultContext } from "../api.ts";

/**
 * Makes `ctx.redact` for a result. It looks where the rules of policies look (`redact` there).
 *
 * Runs inside the isolate, where its source text is evaluated: it can use nothing from outside itself.
 */
export function makeRedact(result: Json): ResultContext["redact"] {
  type Holder = { readonly [key: string]: Json };
  const CONTENT = ["content", "contents", "messages"];
  const WORDS = ["type", "mimeType", "role", "audience"];

  /** What MCP itself says, and pictures, sound and files, which are text only on the wire. */
  function isSpared(root: string | null, holder: Holder, key: string): boolean {
    if (root === null) return key === "resultType" || key === "requestState";
    if (!CONTENT.includes(root)) return false;
    if (key === "blob") return typeof holder.uri === "string";
    if (key === "data") return holder.type === "image" || holder.type === "audio";
    return WORDS.includes(key);
  }

  /** A name that no member has yet: two that are taken out make two members. */
  function free(name: string, members: ReadonlyMap<string, Json>): string {
    let other = name;
    for (let n = 2; members.has(other); n++) other = `${name} ${n}`;
    return other;
  }

  return (what, mask = "[redacted]") => {
    let changed = false;
    const replaced = (pattern: RegExp) => {
      const all = new RegExp(pattern, `${pattern.flags.replace("g", "")}g`);
      return (text: string) => text.replace(all, mask);
    };
    const change = typeof what === "function" ? what : replaced(what);
    const clean = (text: string): string => {
      const next = String(change(text));
      changed ||= next !== text;
      return next;
    };
    /** @param root the member of the result that the value is in; null for the result itself */
    const walk = (value: Json, root: string | null): Json => {
      if (typeof value === "string") return clean(value);
      if (typeof value === "number") {
        const digits = String(value);
        if (!/^\d{9,}$/.test(digits)) return value;
        const next = clean(digits);
        return next === digits ? value : next;
      }
      if (Array.isArray(value)) return value.map((each) => walk(each, root));
      if (typeof value !== "object" || value === null) return value;
      const holder = value as Holder;
      const namesAreText = root !== null && !CONTENT.includes(root);
      const members = new Map<string, Json>();
      for (const [key, each] of Object.entries(holder)) {
        const name = namesAreText ? free(clean(key), members) : key;
        members.set(name, isSpared(root, holder, key) ? each : walk(each, root ?? key));
      }
      return Object.fromEntries(members);
    };
    const redacted = walk(result, null);
    return changed ? { verdict: "replace", result: redacted as Holder } : undefined;
  };
}
