import type { Json, JsonObject } from "../../wire/json.ts";
import { lookup, settle } from "../conditions/lookup.ts";
import type { Step } from "../conditions/paths.ts";
import { Fault } from "../fault.ts";
import { show } from "../show.ts";
import { DECIMAL_RULES, decimal, MAX_MICROS } from "./decimal.ts";

/** What an allowed call adds to a counter: a constant, or the number at a path. */
export interface Amount {
  /** Equal for amounts that are always equal: rules that declare the same counter with them count once. */
  readonly key: string;
  readonly of: (args: JsonObject) => bigint | string;
}

export const constantAmount = (micros: bigint): Amount => ({ key: String(micros), of: () => micros });

/**
 * The amount at `args.<steps>`, in micros, or with `[*]` the sum of those there; a text says why there is none.
 *
 * @param signed whether it may be below zero
 */
export function pathAmount(text: string, steps: readonly Step[], signed: boolean): Amount {
  const read = (value: Json | undefined | Fault): bigint | string => {
    if (value instanceof Fault) return `${text}: ${value.why}`;
    const micros = decimal(value, signed);
    return typeof micros === "bigint" ? micros : `${text} is ${show(value)}, and ${DECIMAL_RULES[micros]}`;
  };
  if (!steps.some((step) => typeof step === "symbol"))
    return { key: text, of: (args) => read(lookup(args, steps)) };
  return {
    key: text,
    of(args) {
      let sum = 0n;
      const { seen } = settle<bigint | string>(args, steps, "args", (value) => {
        const micros = read(value);
        if (typeof micros === "bigint") sum += micros;
        return { seen: micros, weight: typeof micros === "bigint" ? "holds" : "errs" };
      });
      if (typeof seen === "string") return seen;
      return sum <= MAX_MICROS ? sum : `${text} adds up to more: ${DECIMAL_RULES.too_large}`;
    },
  };
}
