/** A token of SQL: a word in lower case, a quoted name behind a `"`, a literal or a punctuation mark. */
export interface Token {
  readonly kind: "word" | "text" | "number" | "mark";
  readonly text: string;
  /** How many parentheses are open around it. */
  readonly depth: number;
}

const RULES: readonly (readonly [kind: Token["kind"] | "skip" | "name" | "unclear", pattern: RegExp])[] = [
  ["skip", /\s+/y],
  ["unclear", /\/\*[!+]|\$(?:[a-z_]\w*)?\$|--(?=[^\s])|#/iy],
  ["skip", /--[^\n]*|\/\*(?:[^*/]|\*(?!\/)|\/(?!\*))*\*\//y],
  ["text", /'(?:[^'\\]|'')*'/y],
  ["name", /"(?:[^"\\]|"")*"|`(?:[^`\\]|``)*`|\[[\w\s]*\]/y],
  ["number", /\d[\w.]*|\.\d\w*/y],
  ["word", /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ["mark", /<=|>=|<>|!=|\|\||::|[-+*/%=<>(),.;:@&|^~?[\]]/y],
];

/**
 * Cuts SQL into statements of tokens; null for text that databases do not all read alike, in which something may
 * hide: backslashes in strings, dollar quotes, comments that run or that some take for arithmetic, missing ends.
 */
export function statements(sql: string): Token[][] | null {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (let at = 0; at < sql.length; ) {
    let length = 0;
    for (const [kind, pattern] of RULES) {
      pattern.lastIndex = at;
      const text = pattern.exec(sql)?.[0];
      if (text === undefined) continue;
      if (kind === "unclear") return null;
      if (text === ")") depth--;
      if (text === ";") parts.push([]);
      else if (kind === "name") parts.at(-1)?.push({ kind: "word", text: `"${text}`, depth });
      else if (kind !== "skip") parts.at(-1)?.push({ kind, text: text.toLowerCase(), depth });
      if (text === "(") depth++;
      length = text.length;
      break;
    }
    if (length === 0 || depth < 0) return null;
    at += length;
  }
  return depth === 0 ? parts.filter((part) => part.length > 0) : null;
}
