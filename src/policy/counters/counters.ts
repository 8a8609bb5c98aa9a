import { Fault } from "../fault.ts";
import type { Call, CounterNeed, Window } from "../types.ts";
import type { Amount } from "./amounts.ts";
import { type Part, parsePart, partitionOf } from "./partition.ts";
import { windowText } from "./window.ts";

/** Scope of counters declared under the tool key "*". */
export const GLOBAL_SCOPE = "_global";

/** Scope of the counters of `budgets:`, which are of no tool and no upstream. */
export const BUDGET_SCOPE = "budgets";

/** The scope of counters declared under a tool key: the key itself, or `_global` under "*". */
export const scopeOf = (key: string): string => (key === "*" ? GLOBAL_SCOPE : key);

/** Counter of the rules that say `rate_limit`; no rule can declare another by this name. */
export const RATE_COUNTER = "rate_limit";

/** What makes a counter the one it is. */
export interface CounterSpec {
  readonly scope: string;
  readonly name: string;
  readonly window: Window;
  /** As `per:` has it. */
  readonly per: readonly string[];
  /** Whether all upstreams add to one. */
  readonly shared: boolean;
  readonly refundOnError: boolean;
}

/** A counter that rules declare. One object for each in a policy, so that it can be a map's key. */
export class Counter {
  readonly scope: string;
  readonly name: string;
  readonly window: Window;
  /** Whether it is one of files that only watch. */
  readonly shadow: boolean;
  readonly #parts: readonly Part[];
  readonly #shared: boolean;
  /** Whether a result with `isError` gives back what was added: where all files say so that declare it. */
  refundOnError: boolean;
  readonly #ids = new Map<string, string>();

  constructor({ scope, name, window, per, shared, refundOnError }: CounterSpec, shadow: boolean) {
    this.scope = scope;
    this.name = name;
    this.window = window;
    this.shadow = shadow;
    this.#shared = shared;
    this.refundOnError = refundOnError;
    // The order in which they are written makes no other counter.
    const texts = window.kind === "session" && per.length > 0 ? [...per, "session"] : per;
    this.#parts = [...new Set(texts)].sort().map(parsePart);
  }

  /** What a call needs of this counter; a fault where its partition cannot be told. `add` is in micros. */
  need(call: Call, add: bigint): CounterNeed | Fault {
    const { scope, name: counter, window } = this;
    const partition = this.#partition(call);
    if (partition instanceof Fault) return partition;
    const upstream = this.#shared ? "" : call.upstream;
    const need = { id: this.#id(upstream, partition), upstream, scope, counter, window, partition, add };
    return this.refundOnError ? { ...need, refundOnError: true } : need;
  }

  #partition(call: Call): string | Fault {
    if (this.#parts.length > 0) return partitionOf(this.#parts, call);
    return this.window.kind === "session" ? call.session : "";
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

/**
 * The counters of a whole policy. Files that watch count as they will when they are enforced, on the same
 * counters; but where an enforced file counts the same, they have one of their own: watching changes nothing.
 */
export class CounterPool {
  readonly #enforced = new Map<string, Counter>();
  readonly #shadow = new Map<string, Counter>();

  /** Files that are enforced go first. */
  get(spec: CounterSpec, shadow: boolean): Counter {
    const key = JSON.stringify([
      spec.scope,
      spec.name,
      windowText(spec.window),
      [...spec.per].sort(),
      spec.shared,
    ]);
    const pool = shadow ? this.#shadow : this.#enforced;
    const known = pool.get(key);
    if (known !== undefined) {
      known.refundOnError &&= spec.refundOnError;
      return known;
    }
    const scope = shadow && this.#enforced.has(key) ? `${spec.scope} (shadow)` : spec.scope;
    const counter = new Counter({ ...spec, scope }, shadow);
    pool.set(key, counter);
    return counter;
  }
}

/** A counter that rules read or add to, with each different amount and the rules (by index) that add it. */
export interface CounterUse {
  readonly counter: Counter;
  readonly amounts: readonly { readonly amount: Amount; readonly rules: readonly number[] }[];
}
