/** What a command of the screen is. */
import type { Store } from "./store.ts";

export type Command = {
  readonly name: string;
  /** `[...]` may be left out; a word in capitals is a value that tab completes. */
  readonly args: string;
  readonly help: string;
  /** Only what keys are bound to. */
  readonly keysOnly?: true;
  /** Gives null, or why it cannot act now. */
  readonly run: (store: Store, argument: string) => string | null;
};
