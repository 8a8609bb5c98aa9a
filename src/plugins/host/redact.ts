import type { Json, ResultContext } from "../api.ts";

/**
 * Makes `ctx.redact` for a result.
 *
 * Runs inside the isolate, where its source text is evaluated: it can use nothing from outside itself.
 */
export function makeRedact(result: Json): ResultContext["redact"] {
  /** Pictures and sound are text only on the wire. */
  const isBinary = (value: object) =>
    Object.hasOwn(value, "mimeType") && /^(image|audio|video)\//.test(String(Reflect.get(value, "mimeType")));

  return (what, mask = "[redacted]") => {
    let changed = false;
    const replaced = (pattern: RegExp) => {
      const all = new RegExp(pattern, `${pattern.flags.replace("g", "")}g`);
      return (text: string) => text.replace(all, mask);
    };
    const change = typeof what === "function" ? what : replaced(what);
    const walk = (value: Json): Json => {
      if (typeof value === "string") {
        const next = String(change(value));
        changed ||= next !== value;
        return next;
      }
      if (Array.isArray(value)) return value.map(walk);
      if (typeof value !== "object" || value === null) return value;
      const binary = isBinary(value);
      const members = Object.entries(value).map(([key, each]) => [
        key,
        binary && (key === "data" || key === "blob") ? each : walk(each),
      ]);
      return Object.fromEntries(members);
    };
    const redacted = walk(result);
    return changed ? { verdict: "replace", result: redacted as { readonly [key: string]: Json } } : undefined;
  };
}
