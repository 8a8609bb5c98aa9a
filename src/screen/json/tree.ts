/**
 * JSON text as a tree to look at. Reads the text and not the value, so that numbers keep their digits and a text
 * that was cut somewhere reads as far as it goes. Never fails: what is no JSON is a word.
 */
export type JsonNode = {
  readonly kind: "object" | "array" | "string" | "number" | "word";
  /** What it says, as it stands in the text. */
  readonly source: string;
  /** Whether its end is there. */
  readonly whole: boolean;
  /** Of an object and an array. */
  readonly entries: readonly JsonEntry[];
};
/** `key` is as it reads, without quotes; null in an array. */
export type JsonEntry = { readonly key: string | null; readonly node: JsonNode };

type Open = {
  readonly kind: "object" | "array";
  readonly start: number;
  readonly entries: JsonEntry[];
  /** Key of what comes next. */
  key: string | null;
};

/** @param cut whether the text is only the beginning */
export function jsonTree(text: string, cut: boolean): JsonNode {
  const stack: Open[] = [];
  let root: JsonNode | null = null;
  const put = (node: JsonNode) => {
    const parent = stack.at(-1);
    if (!parent) root ??= node;
    else parent.entries.push({ key: parent.key, node });
    if (parent) parent.key = null;
  };
  const close = (end: number, whole: boolean) => {
    const open = stack.pop();
    if (!open) return;
    const { kind, start, entries } = open;
    put({ kind, source: text.slice(start, end), whole, entries });
  };
  let at = 0;
  while (at < text.length && root === null) {
    const char = text[at] ?? "";
    if (/[\s,:]/.test(char)) at++;
    else if (char === "}" || char === "]") close(++at, true);
    else if (char === "{" || char === "[") {
      stack.push({ kind: char === "{" ? "object" : "array", start: at++, entries: [], key: null });
    } else {
      const end = char === '"' ? stringEnd(text, at) : wordEnd(text, at);
      const source = text.slice(at, end);
      const parent = stack.at(-1);
      const whole = char === '"' ? closed(source) : !cut || end < text.length;
      at = end;
      if (parent?.kind === "object" && parent.key === null && whole && /^\s*:/.test(text.slice(at, at + 64)))
        parent.key = decoded(source);
      else put({ kind: kindOf(source), source, whole, entries: [] });
    }
  }
  while (stack.length > 0) close(text.length, false);
  return root ?? { kind: "word", source: text.trim(), whole: !cut, entries: [] };
}

/** What a string says; as it stands there where it cannot be read. */
export function decoded(source: string): string {
  try {
    return String(JSON.parse(closed(source) ? source : `${source.replace(/\\u?[\da-f]{0,3}$/i, "")}"`));
  } catch {
    return source.replace(/^"|"$/g, "");
  }
}

/** The JSON that a string holds, where it holds an object or a list: what servers like to answer. */
export function inner({ kind, source, whole }: JsonNode): JsonNode | null {
  if (kind !== "string" || !/^"\s*[[{]/.test(source)) return null;
  const text = decoded(source);
  if (whole && !isJson(text)) return null;
  return jsonTree(text, !whole);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function kindOf(source: string): JsonNode["kind"] {
  if (source.startsWith('"')) return "string";
  return /^-?\d/.test(source) ? "number" : "word";
}

function closed(source: string): boolean {
  return source.length > 1 && source.endsWith('"') && stringEnd(source, 0) === source.length;
}

/** Behind the closing quote, or the end of the text. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function wordEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !/[\s,:{}[\]"]/.test(text[at] ?? "")) at++;
  return at;
}
