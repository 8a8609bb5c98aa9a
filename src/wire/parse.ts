import type { ExactNumber, Json, JsonObject } from "./json.ts";

/** Deepest nesting of arrays and objects a frame may have. */
export const MAX_DEPTH = 256;

/** The text is not the JSON that every reader would read alike. `offset` counts UTF-16 units from 0. */
export class JsonError extends Error {
  override readonly name = "JsonError";
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} at character ${offset + 1}`);
    this.offset = offset;
  }
}

/**
 * Parses JSON (RFC 8259) so strictly that no two readers can disagree on what it says: no duplicate keys
 * (I-JSON, RFC 7493 2.3), no lone surrogates (RFC 7493 2.1), no nesting beyond `MAX_DEPTH`. Numbers whose
 * decimal value a double would change come back as `ExactNumber`.
 *
 * @param spelling whether numbers that a double would spell otherwise (1.0, 1e3) do so too: to be written again
 * @throws JsonError saying what is wrong and where
 */
export function parseStrict(text: string, spelling = false): Json {
  let at = 0;

  function fail(what: string, offset = at): never {
    throw new JsonError(what, offset);
  }

  function skipSpace(): number {
    for (;;) {
      const c = text.charCodeAt(at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return c;
      at++;
    }
  }

  function value(depth: number): Json {
    const c = skipSpace();
    if (c === 0x22) return string();
    if (c === 0x7b) return object(depth + 1);
    if (c === 0x5b) return array(depth + 1);
    if (c === 0x2d || (c >= 0x30 && c <= 0x39)) return number();
    if (c === 0x74) return word("true", true);
    if (c === 0x66) return word("false", false);
    if (c === 0x6e) return word("null", null);
    if (Number.isNaN(c)) fail("the text ends before the value does");
    if (c === 0xfeff) fail("a byte order mark");
    fail("not the start of a JSON value");
  }

  function word<T extends Json>(literal: string, meaning: T): T {
    if (!text.startsWith(literal, at)) fail("not the start of a JSON value");
    at += literal.length;
    return meaning;
  }

  function object(depth: number): JsonObject {
    if (depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH}`);
    const result: JsonObject = {};
    at++;
    if (skipSpace() === 0x7d) {
      at++;
      return result;
    }
    for (;;) {
      if (skipSpace() !== 0x22) fail("an object key must be a string");
      const keyAt = at;
      const key = string();
      if (Object.hasOwn(result, key)) fail(`the key ${quote(key)} stands twice in one object`, keyAt);
      if (skipSpace() !== 0x3a) fail("a colon must follow an object key");
      at++;
      const member = value(depth);
      // Assignment to __proto__ would set the prototype instead of making a member.
      if (key === "__proto__") {
        Object.defineProperty(result, key, {
          value: member,
          enumerable: true,
          writable: true,
          configurable: true,
        });
      } else result[key] = member;
      const c = skipSpace();
      at++;
      if (c === 0x7d) return result;
      if (c !== 0x2c) fail("a comma or } must follow an object member", at - 1);
    }
  }

  function array(depth: number): Json[] {
    if (depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH}`);
    const result: Json[] = [];
    at++;
    if (skipSpace() === 0x5d) {
      at++;
      return result;
    }
    for (;;) {
      result.push(value(depth));
      const c = skipSpace();
      at++;
      if (c === 0x5d) return result;
      if (c !== 0x2c) fail("a comma or ] must follow an array element", at - 1);
    }
  }

  function string(): string {
    const start = at++;
    let from = at;
    let result = "";
    for (;;) {
      const c = text.charCodeAt(at);
      if (c === 0x22) {
        result = from === start + 1 ? text.slice(from, at) : result + text.slice(from, at);
        at++;
        // Only an escape can make a lone surrogate: the text itself came from valid UTF-8.
        if (from !== start + 1 && !result.isWellFormed()) fail("a lone surrogate in a string", start);
        return result;
      }
      if (c === 0x5c) {
        result += text.slice(from, at) + escapeSequence();
        from = at;
      } else if (c < 0x20) fail("a raw control character in a string");
      else if (Number.isNaN(c)) fail("a string that does not end", start);
      else at++;
    }
  }

  function escapeSequence(): string {
    const c = text.charCodeAt(at + 1);
    at += 2;
    switch (c) {
      case 0x22:
        return '"';
      case 0x5c:
        return "\\";
      case 0x2f:
        return "/";
      case 0x62:
        return "\b";
      case 0x66:
        return "\f";
      case 0x6e:
        return "\n";
      case 0x72:
        return "\r";
      case 0x74:
        return "\t";
      case 0x75: {
        const hex = text.slice(at, at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) fail("an escape that is not \\u and four hex digits", at - 2);
        at += 4;
        return String.fromCharCode(Number.parseInt(hex, 16));
      }
      default:
        return fail("an escape that JSON does not have", at - 2);
    }
  }

  const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  function number(): number | ExactNumber {
    numberToken.lastIndex = at;
    const token = numberToken.exec(text)?.[0];
    if (token === undefined) fail("not a JSON number");
    at += token.length;
    const next = text.charCodeAt(at);
    if ((next >= 0x30 && next <= 0x39) || next === 0x2e) fail("not a JSON number");
    const double = Number(token);
    if (spelling && String(double) !== token) return JSON.rawJSON(token);
    // Up to 15 significant digits always survive a double, exponents aside.
    if (token.length <= 15 && !/[eE]/.test(token)) return double;
    return sameDecimal(token, String(double)) ? double : JSON.rawJSON(token);
  }

  const result = value(0);
  if (!Number.isNaN(skipSpace())) fail("text after the value");
  return result;
}

/** Whether two JSON number texts name the same decimal value. */
function sameDecimal(a: string, b: string): boolean {
  const x = significand(a);
  const y = significand(b);
  return x !== null && y !== null && x.digits === y.digits && x.exponent === y.exponent;
}

/** `text` as an integer's digits (no leading or trailing zeros) times a power of ten. */
function significand(text: string): { digits: string; exponent: number } | null {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (parts === null) return null; // "Infinity": no double holds it
  const [, sign, whole = "", fraction = "", power = "0"] = parts;
  const all = (whole + fraction).replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  if (digits === "") return { digits: "0", exponent: 0 };
  return { digits: sign + digits, exponent: Number(power) - fraction.length + all.length - digits.length };
}

function quote(key: string): string {
  return JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key);
}
