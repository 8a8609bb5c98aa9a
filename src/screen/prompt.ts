/** The line typed in the footer: a command, a filter, words for the model, or the answer to a question. */

/** A text and where its cursor stands, in code units. */
export type Line = { readonly text: string; readonly at: number };

export type Prompt = {
  readonly kind: "command" | "filter" | "words" | "question";
  /** What stands before the text. */
  readonly label: string;
  line: Line;
  /** What is told above the line; the command line and the filter have their own. */
  readonly hint: string;
  /** Why what was entered cannot be; shown until something is typed. */
  error: string | null;
  /** What tab can put in place of the word before the cursor, while it is being asked. */
  choices: Choices | null;
  /** How far back in the history the text is from; 0 is what was typed itself, which `draft` keeps. */
  back: number;
  draft: string;
  /** Takes what was entered; gives why not, and the prompt stays. */
  readonly enter: (text: string) => string | null;
  /** Other answers to a question, by their keys. */
  readonly keys?: Readonly<Record<string, () => void>>;
  /** Told of every change, and with null when the person left. */
  readonly changed?: (text: string | null) => void;
};

export type Choices = { readonly from: number; readonly words: readonly string[]; chosen: number };

export function promptOf(
  kind: Prompt["kind"],
  options: Pick<Prompt, "label" | "enter" | "keys" | "changed"> & { text?: string; hint?: string },
): Prompt {
  const { label, enter, text = "", hint = "", ...more } = options;
  const line = { text, at: text.length };
  return { kind, label, hint, line, error: null, choices: null, back: 0, draft: text, enter, ...more };
}

const WORD_BEFORE = /\S*\s*$/;
const WORD_AFTER = /^\s*\S*/;
const segmenter = new Intl.Segmenter();

/** The line after a key, as readline has it; null where the key does nothing to a line. */
export function edited({ text, at }: Line, key: string): Line | null {
  const before = text.slice(0, at);
  const after = text.slice(at);
  const typed = key === "space" ? " " : [...key].length === 1 ? key : null;
  if (typed !== null) return { text: before + typed + after, at: at + typed.length };
  switch (key) {
    case "backspace":
    // Most terminals send for the backspace key what Ink calls delete.
    case "delete": {
      const kept = before.slice(0, before.length - lastCharacter(before));
      return { text: kept + after, at: kept.length };
    }
    case "ctrl-d":
      return { text: before + after.slice(firstCharacter(after)), at };
    case "ctrl-w": {
      const kept = before.replace(WORD_BEFORE, "");
      return { text: kept + after, at: kept.length };
    }
    case "ctrl-u":
      return { text: after, at: 0 };
    case "ctrl-k":
      return { text: before, at };
    case "left":
    case "ctrl-b":
      return { text, at: at - lastCharacter(before) };
    case "right":
    case "ctrl-f":
      return { text, at: at + firstCharacter(after) };
    case "alt-b":
      return { text, at: before.replace(WORD_BEFORE, "").length };
    case "alt-f":
      return { text, at: at + (WORD_AFTER.exec(after)?.[0].length ?? 0) };
    case "home":
    case "ctrl-a":
      return { text, at: 0 };
    case "end":
    case "ctrl-e":
      return { text, at: text.length };
    default:
      return null;
  }
}

function firstCharacter(text: string): number {
  for (const { segment } of segmenter.segment(text)) return segment.length;
  return 0;
}

function lastCharacter(text: string): number {
  let last = 0;
  for (const { segment } of segmenter.segment(text)) last = segment.length;
  return last;
}
