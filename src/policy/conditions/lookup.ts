import { isObject, type Json, type JsonObject } from "../../wire/json.ts";
import { Fault } from "../fault.ts";
import { a, typeOf } from "../show.ts";
import { type Quantifier, type Step, stepsText } from "./paths.ts";

/**
 * The value after `steps`, up to the first quantifier; undefined where there is none. Only own properties count,
 * so that `constructor` and `__proto__` are what the agent sent or nothing. A fault where something of another shape
 * is on the way: some servers take `[{...}]` or the text `"{...}"` for the object in it.
 */
export function lookup(root: Json | undefined, steps: readonly Step[], from = 0): Json | undefined | Fault {
  let at = root;
  for (let i = from; i < steps.length; i++) {
    const step = steps[i];
    if (typeof step !== "string" && typeof step !== "number") return at;
    if (at === undefined || at === null) return undefined;
    if (typeof step === "number") {
      if (!Array.isArray(at)) return misshapen(at, step, "a list");
      at = at[step];
      continue;
    }
    if (!isObject(at)) return misshapen(at, step, "an object");
    const other = twin(at, step);
    if (other !== null) {
      return new Fault(`the key ${JSON.stringify(other)} is ${JSON.stringify(step)} to some servers`);
    }
    if (!Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return at;
}

const misshapen = (found: Json, step: Step, wanted: string) =>
  new Fault(`what ${stepsText([step])} is looked up in is ${a(typeOf(found))}, not ${wanted}`);

/** Another key that a reader without regard to case (Go's encoding/json) takes for `step`. */
function twin(object: JsonObject, step: string): string | null {
  for (const key in object) {
    // Folding one character gives one character, so keys of another length need no folding.
    if (key.length !== step.length || key === step || !beginAlike(key, step)) continue;
    if (foldCase(key) === foldCase(step)) return key;
  }
  return null;
}

/** Whether their first characters can be cases of one letter: most keys differ in it, and need no folding. */
function beginAlike(a: string, b: string): boolean {
  const [x, y] = [a.charCodeAt(0), b.charCodeAt(0)];
  // In ASCII, cases of a letter differ in one bit; beyond it there are letters that fold to ASCII.
  return x > 0x7f || y > 0x7f || ((x ^ y) & ~0x20) === 0;
}

/** Upper before lower: "ſ" and the Kelvin sign fold to what a case-insensitive reader compares. */
const foldCase = (text: string) => text.toUpperCase().toLowerCase();

/** One value that a path with quantifiers leads to. */
export interface Leaf<T> {
  readonly seen: T;
  /** The path of this one: `args.items[2].price`. */
  readonly at: string;
}

/** How what was seen of one value counts. */
export type Weight = "holds" | "fails" | "errs";

/**
 * Follows a path with `[*]` (every element must hold) and `[any]` (one is enough), and returns the value that
 * settles it. An empty list has no element: that is a missing value.
 */
export function settle<T>(
  root: Json | undefined,
  steps: readonly Step[],
  text: string,
  see: (value: Json | undefined | Fault) => { seen: T; weight: Weight },
): Leaf<T> {
  const walk = (at: Json | undefined, from: number, here: string): Leaf<T> & { weight: Weight } => {
    const one = (value: Json | undefined | Fault, where: string) => ({ ...see(value), at: where });
    const list = lookup(at, steps, from);
    const next = steps.findIndex((step, i) => i >= from && typeof step === "symbol");
    const until = next < 0 ? steps.length : next;
    const where = here + stepsText(steps.slice(from, until));
    if (next < 0 || list instanceof Fault) return one(list, where);
    if (list === undefined || list === null) return one(undefined, where);
    if (!Array.isArray(list)) return one(new Fault("is not a list"), where);
    const quantifier = steps[next] as Quantifier;
    const wanted: Weight = stepsText([quantifier]) === "[any]" ? "holds" : "fails";
    let last: (Leaf<T> & { weight: Weight }) | null = null;
    for (const [i, element] of list.entries()) {
      const each = walk(element, next + 1, `${where}[${i}]`);
      // With [any] one that holds settles it, whatever else cannot be judged. With [*] nothing outweighs a fault.
      if (each.weight === wanted && wanted === "holds") return each;
      if (last === null || outweighs(each.weight, last.weight, wanted)) last = each;
    }
    return last ?? one(undefined, where);
  };
  const { seen, at } = walk(root, 0, text);
  return { seen, at };
}

function outweighs(a: Weight, b: Weight, wanted: Weight): boolean {
  const rank = (weight: Weight) => (weight === "errs" ? 2 : weight === wanted ? 1 : 0);
  return rank(a) > rank(b);
}
