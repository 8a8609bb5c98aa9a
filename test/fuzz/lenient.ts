/** JSON as the most forgiving reader takes it, with every member of an object in its order, twice or not. */
export type Lenient = string | number | boolean | null | Lenient[] | Members;
export class Members {
  readonly all: (readonly [string, Lenient])[] = [];
}

const TOKEN =
  /\s*(?:([{}[\]:,])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([-+]?(?:0x[0-9a-f]+|Infinity|NaN|[\d.]+(?:e[-+]?\d+)?))|(true|false|null))/gisy;

type Token =
  | { readonly kind: "mark"; readonly mark: string }
  | { readonly kind: "value"; readonly value: Lenient };

/** Every value that stands in the text one after another; what cannot be read ends it. */
export function readLeniently(text: string): Lenient[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(tokenOf(match));
  const values: Lenient[] = [];
  for (let at = 0; at < tokens.length; ) {
    const [value, next] = valueAt(tokens, at);
    if (value !== undefined) values.push(value);
    at = Math.max(next, at + 1);
  }
  return values;
}

function tokenOf([, mark, double, single, number, word]: RegExpExecArray): Token {
  if (mark !== undefined) return { kind: "mark", mark };
  const text = double ?? single;
  if (text !== undefined) return { kind: "value", value: unescaped(text) };
  if (number !== undefined) return { kind: "value", value: Number(number) };
  return { kind: "value", value: word?.toLowerCase() === "null" ? null : word?.toLowerCase() === "true" };
}

const unescaped = (text: string) =>
  text.replace(/\\(?:u([0-9a-f]{4})|(.))/gis, (_all, hex: string | undefined, c: string) =>
    hex === undefined
      ? ({ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" }[c] ?? c)
      : String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** The value that begins at a token, undefined where none does, and where to go on. */
function valueAt(tokens: readonly Token[], at: number): [Lenient | undefined, number] {
  const token = tokens[at];
  if (token?.kind === "value") return [token.value, at + 1];
  if (token?.mark === "[") return listAt(tokens, at + 1);
  if (token?.mark === "{") return objectAt(tokens, at + 1);
  return [undefined, at];
}

function isMark(token: Token | undefined, mark: string): boolean {
  return token?.kind === "mark" && token.mark === mark;
}

function listAt(tokens: readonly Token[], from: number): [Lenient[], number] {
  const list: Lenient[] = [];
  let at = from;
  while (at < tokens.length && !isMark(tokens[at], "]")) {
    const [value, next] = valueAt(tokens, at);
    if (value !== undefined) list.push(value);
    else if (!isMark(tokens[at], ",")) return [list, at];
    at = Math.max(next, at + 1);
  }
  return [list, at + 1];
}

function objectAt(tokens: readonly Token[], from: number): [Members, number] {
  const object = new Members();
  let at = from;
  while (at < tokens.length && !isMark(tokens[at], "}")) {
    const key = tokens[at];
    if (key?.kind === "value" && isMark(tokens[at + 1], ":")) {
      const [value, next] = valueAt(tokens, at + 2);
      if (value !== undefined) object.all.push([String(key.value), value]);
      at = Math.max(next, at + 2);
    } else at++;
  }
  return [object, at + 1];
}
