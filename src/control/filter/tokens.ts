/** Cuts a filter into its parts. */
import type { Operator } from "./fields.ts";

type Place = { readonly start: number; readonly end: number };

export type Token = Place &
  (
    | { readonly kind: "and" | "or" | "not" | "(" | ")" }
    | {
        readonly kind: "text";
        readonly text: string /** Its closing quote is missing. */;
        readonly open: boolean;
      }
    | {
        readonly kind: "field";
        readonly name: string;
        readonly path: string;
        readonly operator: Operator;
        readonly value: string;
        readonly open: boolean;
      }
  );

const SPACE = /\s+/y;
const FIELD = /([A-Za-z]\w*)((?:[.[][^\s:=<>!()"]*)?)(:|!=|>=|<=|=|>|<)/y;
const WORD = /[^\s()"]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)("?)/sy;
const WORDS: Readonly<Record<string, "and" | "or" | "not">> = {
  and: "and",
  or: "or",
  not: "not",
  "&&": "and",
  "||": "or",
};

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const result = pattern.exec(text);
    if (result) at = pattern.lastIndex;
    return result;
  };
  while (at < text.length) {
    if (match(SPACE)) continue;
    const start = at;
    const char = text[at];
    if (char === "(" || char === ")") {
      at++;
      found.push({ kind: char, start, end: at });
    } else if (char === "!") {
      at++;
      found.push({ kind: "not", start, end: at });
    } else found.push(term(start));
  }
  return found;

  function term(start: number): Token {
    const field = match(FIELD);
    if (field) {
      const [, name = "", path = "", operator = ""] = field;
      const { value, open } = text[at] === '"' ? quoted() : { value: match(WORD)?.[0] ?? "", open: false };
      return { kind: "field", name, path, operator: operator as Operator, value, open, start, end: at };
    }
    if (text[at] === '"') {
      const { value, open } = quoted();
      return { kind: "text", text: value, open, start, end: at };
    }
    const word = match(WORD)?.[0] ?? "";
    const kind = Object.hasOwn(WORDS, word.toLowerCase()) ? WORDS[word.toLowerCase()] : undefined;
    return kind ? { kind, start, end: at } : { kind: "text", text: word, open: false, start, end: at };
  }

  function quoted(): { value: string; open: boolean } {
    const [, inner = "", close = ""] = match(QUOTED) ?? [];
    return { value: inner.replace(/\\(.)/gs, "$1"), open: close === "" };
  }
}
