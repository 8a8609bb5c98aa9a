import type { Gateway } from "../gateway.ts";

/**
 * Does a command. What it gives is for the person: a sentence, or what they asked for.
 *
 * @param argument what follows the command's name; it has at least the words that the signature needs
 * @throws Error with a message for the person
 */
export type Run = (gateway: Gateway, argument: string) => unknown;

/** The first word and all that follows it. */
export function firstWord(text: string): [word: string, rest: string] {
  const [, word = "", rest = ""] = /^(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  return [word, rest];
}
