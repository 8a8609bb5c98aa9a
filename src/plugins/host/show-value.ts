/** Shows a value as text, and keeps it as `_`. */
export type Show = (value: unknown) => string;

/**
 * Makes what shows values: as JavaScript would write them, short ones on one line, long ones indented.
 *
 * Runs inside the isolate, where its source text is evaluated: it can use nothing from outside itself.
 *
 * @param most characters
 */
export function makeShow(most: number): Show {
  const WIDE = 76;
  const DEEP = 12;
  let left = most;

  function literal(value: unknown): string | null {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "symbol") return String(value);
    if (typeof value === "function") return `[function ${value.name || "without a name"}]`;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "no date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    return typeof value === "object" && value !== null ? null : String(value);
  }

  function parts(value: object): { open: string; close: string; items: [string, unknown][] } {
    if (Array.isArray(value)) return { open: "[", close: "]", items: value.map((each) => ["", each]) };
    if (value instanceof Map)
      return {
        open: "Map {",
        close: "}",
        items: [...value].map(([k, v]) => [`${literal(k) ?? "{…}"} => `, v]),
      };
    if (value instanceof Set) return { open: "Set {", close: "}", items: [...value].map((v) => ["", v]) };
    const key = (name: string) =>
      /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
    return { open: "{", close: "}", items: Object.entries(value).map(([k, v]) => [`${key(k)}: `, v]) };
  }

  function show(value: unknown, indent: string, around: readonly unknown[]): string {
    if (left <= 0) return "…";
    const plain = literal(value);
    if (plain !== null) {
      left -= plain.length + 2;
      return plain;
    }
    if (around.includes(value)) return "[itself]";
    if (around.length >= DEEP) return "…";
    const { open, close, items } = parts(value as object);
    const inside = [...around, value];
    const shown: string[] = [];
    for (const [label, item] of items) {
      if (left <= 0) {
        shown.push(`… ${items.length - shown.length} more`);
        break;
      }
      left -= label.length + indent.length + 2;
      shown.push(label + show(item, `${indent}  `, inside));
    }
    if (shown.length === 0) return open + close;
    const line = `${open} ${shown.join(", ")} ${close}`;
    if (indent.length + line.length <= WIDE && !line.includes("\n")) {
      return open === "[" ? `[${shown.join(", ")}]` : line;
    }
    return `${open}\n${shown.map((each) => `${indent}  ${each}`).join(",\n")}\n${indent}${close}`;
  }

  return (value) => {
    Object.assign(globalThis, { _: value });
    left = most;
    return show(value, "", []);
  };
}
