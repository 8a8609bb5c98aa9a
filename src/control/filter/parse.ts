/**
 * The filter language:
 *
 *   or   := and ("or" and)*
 *   and  := not ("and"? not)*
 *   not  := ("!" | "not") not | "(" or ")" | term
 *   term := field operator value | word | "quoted text"
 */
import { nearest } from "../../policy/suggest.ts";
import { fieldNamed, fields, type Operator, valueMistake } from "./fields.ts";
import { type Token, tokens } from "./tokens.ts";

export type Filter =
  | { readonly kind: "and" | "or"; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "not"; readonly of: Filter }
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "field";
      readonly field: string;
      /** Of an argument; "" otherwise. */
      readonly path: string;
      readonly operator: Operator;
      readonly value: string;
    };

/** What is wrong, and where in the text: from `start` up to `end`. */
export type Mistake = { readonly start: number; readonly end: number; readonly message: string };

export type Parsed =
  | { ok: true /** null for a text without a word. */; filter: Filter | null }
  | { ok: false; mistake: Mistake };

export function parseFilter(text: string): Parsed {
  try {
    return { ok: true, filter: new Parser(text).whole() };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, mistake: error.mistake };
    throw error;
  }
}

class Wrong extends Error {
  readonly mistake: Mistake;
  constructor({ start, end }: { start: number; end: number }, message: string) {
    super(message);
    this.mistake = { start, end, message };
  }
}

/** Parentheses and exclamation marks inside each other; nobody means more. */
const DEEPEST = 200;

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: { start: number; end: number };
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
    this.#end = { start: text.length, end: text.length };
  }

  whole(): Filter | null {
    if (this.#tokens.length === 0) return null;
    const filter = this.#or();
    const rest = this.#tokens[this.#at];
    if (rest) throw new Wrong(rest, "this ) closes nothing");
    return filter;
  }

  #or(): Filter {
    let left = this.#and();
    while (this.#takes("or")) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Filter {
    let left = this.#not();
    for (;;) {
      const next = this.#tokens[this.#at];
      if (!next || next.kind === "or" || next.kind === ")") return left;
      this.#takes("and");
      left = { kind: "and", left, right: this.#not() };
    }
  }

  #not(): Filter {
    const token = this.#tokens[this.#at];
    if (++this.#depth > DEEPEST) throw new Wrong(token ?? this.#end, "nested too deep");
    try {
      return this.#one(token);
    } finally {
      this.#depth--;
    }
  }

  #one(token: Token | undefined): Filter {
    if (!token)
      throw new Wrong(this.#tokens.at(-1) ?? this.#end, "something is missing after this: a word or a field");
    this.#at++;
    switch (token.kind) {
      case "not":
        return { kind: "not", of: this.#not() };
      case "(": {
        const inner = this.#or();
        if (!this.#takes(")")) throw new Wrong(token, "this ( is not closed");
        return inner;
      }
      case "text":
        if (token.open) throw new Wrong(token, 'this " is not closed');
        return { kind: "text", text: token.text };
      case "field":
        return field(token);
      default:
        throw new Wrong(token, `expected a word or a field before "${token.kind}"`);
    }
  }

  #takes(kind: Token["kind"]): boolean {
    if (this.#tokens[this.#at]?.kind !== kind) return false;
    this.#at++;
    return true;
  }
}

function field(token: Extract<Token, { kind: "field" }>): Filter {
  const { name, path, operator, value, start, end } = token;
  const found = fieldNamed(name);
  const named = { start, end: start + name.length };
  if (!found) {
    const names = fields.map((each) => each.name);
    const near = nearest(name, names);
    const help = near ? `did you mean ${near}?` : `there are ${names.join(", ")}`;
    throw new Wrong(named, `there is no field "${name}": ${help} (to search for the text, put it in quotes)`);
  }
  if ((name === "arg") !== (path !== "")) {
    const help = name === "arg" ? "which one? As in arg.amount>500" : `${name} has no parts`;
    throw new Wrong(named, help);
  }
  if (!found.operators.includes(operator))
    throw new Wrong(token, `${name} takes ${found.operators.join(" ")}, as in ${found.example}`);
  if (token.open) throw new Wrong(token, 'this " is not closed');
  const mistake = valueMistake(found, operator, value);
  if (mistake) throw new Wrong({ start, end }, mistake);
  return { kind: "field", field: name, path, operator, value };
}
