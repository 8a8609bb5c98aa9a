import ivm from "isolated-vm";
import { makeShow, type Show } from "./show-value.ts";

/** What an expression is evaluated over. */
export interface Expression {
  readonly code: string;
  /** Global names, and what they stand for. */
  readonly names: Readonly<Record<string, unknown>>;
}

/** Longest text of a value, in characters. */
const MOST_TEXT = 200_000;
/** MB. */
const MEMORY = 256;

/**
 * An isolate in which a person's own expressions are evaluated, one after the other; `_` is the last value. Unlike a
 * plugin's it has a clock, and remembers. What comes back is text: made in here, while the time still counts.
 */
export class ExpressionIsolate {
  readonly #isolate = new ivm.Isolate({ memoryLimit: MEMORY });
  readonly #context = this.#isolate.createContextSync();
  readonly #take: ivm.Reference;
  readonly #show: ivm.Reference<Show>;

  constructor() {
    this.#take = this.#context.evalSync(`(${take})`, { reference: true });
    this.#show = this.#context.evalSync(`(${makeShow})(${MOST_TEXT})`, { reference: true });
  }

  /** @throws what the expression throws, or is not; where it ran out of time or memory */
  evaluate({ code, names }: Expression, timeout: number): string {
    this.#take.applySync(undefined, [JSON.stringify(names)], { timeout });
    const script = this.#isolate.compileScriptSync(code, { filename: "expression" });
    const value: ivm.Reference = script.runSync(this.#context, { timeout, reference: true });
    try {
      const text: unknown = this.#show.applySync(undefined, [value.derefInto()], { timeout });
      if (typeof text !== "string") throw new Error("the value cannot be shown");
      return text;
    } finally {
      value.release();
    }
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }
}

/** Runs inside the isolate, where its source text is evaluated. */
function take(names: string): void {
  Object.assign(globalThis, JSON.parse(names));
}
