/** A plain value. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** A value as YAML on one line: `{ name: pace, when: [{ path: args.amount, op: gt, value: 500 }] }`. */
export function flowText(value: Plain): string {
  if (typeof value === "string") return scalarText(value);
  if (isList(value)) return `[${value.map(flowText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, each]) => `${scalarText(key)}: ${flowText(each)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

/** Words that some YAML reader takes for something else. */
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** A text as a YAML scalar: bare where no reader could take it for anything else. */
export function scalarText(text: string): string {
  const bare = /^[A-Za-z_][\w.]*(?: [\w.]+)*$/.test(text) && !RESERVED.test(text);
  return bare ? text : JSON.stringify(text);
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
