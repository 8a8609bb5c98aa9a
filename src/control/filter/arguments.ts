/** Looks into a call's arguments, whose text may have been cut. */

/** The value at `.amount` or `.items[0].id`, as text; none where there is none. */
export function valueAt(json: string, path: string): string[] {
  let value: unknown = parsed(json);
  for (const [, key, index] of path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)) {
    if (typeof value !== "object" || value === null) return [];
    const name = key ?? index ?? "";
    value = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  }
  if (value === undefined) return [];
  return [typeof value === "string" ? value : JSON.stringify(value)];
}

/** The last text looked into: a filter with several paths asks again and again for the same one. */
let last = { json: "", value: undefined as unknown };

function parsed(json: string): unknown {
  if (last.json !== json) last = { json, value: attempt(json) ?? attempt(closed(json)) };
  return last.value;
}

function attempt(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** What is whole of a text that was cut: up to the last comma outside a string, with what is open closed. */
function closed(json: string): string {
  const open: string[] = [];
  let [end, closing] = [0, ""];
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (char === '"') {
      i++;
      while (i < json.length && json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
    } else if (char === "{" || char === "[") open.push(char === "{" ? "}" : "]");
    else if (char === "}" || char === "]") open.pop();
    else if (char === ",") [end, closing] = [i, open.toReversed().join("")];
  }
  return json.slice(0, end) + closing;
}
