import type { JsonObject } from "../wire/json.ts";
import { DECIMAL_RULES, decimal } from "./decimal.ts";
import { lookup, type Step } from "./paths.ts";
import { show } from "./show.ts";
import type { Call, CounterNeed, Window } from "./types.ts";
import { windowText } from "./window.ts";

/** Scope of counters declared under the tool key "*". */
export const GLOBAL_SCOPE = "_global";

/** The scope of counters declared under a tool key: the key itself, or `_global` under "*". */
export const scopeOf = (key: string): string => (key === "*" ? GLOBAL_SCOPE : key);

/** Counter of the rules that say `rate_limit`; no rule can declare another by this name. */
export const RATE_COUNTER = "rate_limit";

/** A counter that rules declare. One object for each in a policy, so that it can be a map's key. */
export class Counter {
  readonly scope: string;
  readonly name: string;
  readonly window: Window;
  readonly #ids = new Map<string, string>();

  constructor(scope: string, name: string, window: Window) {
    this.scope = scope;
    this.name = name;
    this.window = window;
  }

  /** What a call needs of this counter. `add` is in micros. */
  need(call: Call, add: bigint): CounterNeed {
    const { scope, name: counter, window } = this;
    const { upstream } = call;
    const partition = window.kind === "session" ? call.session : "";
    return { id: this.#id(upstream, partition), upstream, scope, counter, window, partition, add };
  }

  #id(upstream: string, partition: string): string {
    if (partition !== "") return counterId(upstream, this.scope, this.name, this.window, partition);
    let id = this.#ids.get(upstream);
    if (id === undefined) {
      id = counterId(upstream, this.scope, this.name, this.window, "");
      // A gateway has a handful of upstreams, all known at its start.
      this.#ids.set(upstream, id);
    }
    return id;
  }
}

/** A counter's identity as text, equal only for equal parts and the same in every version of a policy. */
export function counterId(
  upstream: string,
  scope: string,
  counter: string,
  window: Window,
  partition: string,
): string {
  return JSON.stringify([upstream, scope, counter, windowText(window), partition]);
}

/** What an allowed call adds to a counter: a constant, or the number at a path. */
export interface Amount {
  /** Equal for amounts that are always equal: rules that declare the same counter with them count once. */
  readonly key: string;
  readonly of: (args: JsonObject) => bigint | string;
}

export const constantAmount = (micros: bigint): Amount => ({ key: String(micros), of: () => micros });

/** The amount at `args.<steps>`, in micros; a text says why what is there is none. */
export function pathAmount(text: string, steps: readonly Step[]): Amount {
  return {
    key: text,
    of(args) {
      const value = lookup(args, steps);
      const micros = decimal(value);
      if (typeof micros === "bigint") return micros;
      return `${text} is ${show(value)}, and ${DECIMAL_RULES[micros]}`;
    },
  };
}

/** A counter that a tool's rules read or add to, with each different amount that they add. */
export interface CounterUse {
  readonly counter: Counter;
  readonly amounts: readonly Amount[];
}

/** Micros that a call adds. An amount that is none adds nothing: the rule that declares it denies the call. */
export function added(use: CounterUse, args: JsonObject): bigint {
  let sum = 0n;
  for (const amount of use.amounts) {
    const micros = amount.of(args);
    if (typeof micros === "bigint") sum += micros;
  }
  return sum;
}
