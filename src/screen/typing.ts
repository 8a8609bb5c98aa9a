/** What keys do while a line is typed. */
import { complete } from "./complete.ts";
import { number } from "./format.ts";
import { edited, type Line, type Prompt } from "./prompt.ts";
import type { Store } from "./store.ts";

/** Characters; a command to a gateway may have four times as many bytes. */
const LONGEST_LINE = 65_536;

export function typeKey(store: Store, prompt: Prompt, key: string): void {
  if (prompt.kind === "question") return answer(store, prompt, key);
  if (key === "esc" || key === "ctrl-c") return leave(store, prompt);
  if (key === "enter") return enter(store, prompt);
  if (key === "tab" || key === "shift-tab") return tab(store, prompt, key === "tab" ? 1 : -1);
  if (key === "up" || key === "ctrl-p") return recall(store, prompt, 1);
  if (key === "down" || key === "ctrl-n") return recall(store, prompt, -1);
  // As in less and vim: there is nothing left to take back but the prompt.
  if ((key === "backspace" || key === "delete") && prompt.line.text === "") return leave(store, prompt);
  const line = edited(prompt.line, key);
  if (line === null || line.text.length > LONGEST_LINE) return;
  if (line.text !== prompt.line.text) Object.assign(prompt, { back: 0, draft: line.text });
  put(prompt, line);
}

/** What was pasted is a text and no keys: it answers nothing and enters nothing. Gives why it was not taken. */
export function paste(store: Store, text: string): string | null {
  const { prompt } = store.ui;
  if (prompt === null) return "what is pasted is not taken for keys: : opens a line for it";
  if (prompt.kind === "question") return null;
  const { line } = prompt;
  // A line has no lines, and JSON or a filter reads the same with spaces for them.
  const pasted = text.replace(/[\r\n\t]+/g, " ").trim();
  if (line.text.length + pasted.length > LONGEST_LINE) {
    prompt.error = `not pasted: a line has at most ${number(LONGEST_LINE)} characters, and this has ${number(pasted.length)}`;
    return null;
  }
  const typed = line.text.slice(0, line.at) + pasted;
  Object.assign(prompt, { back: 0, draft: typed + line.text.slice(line.at) });
  put(prompt, { text: prompt.draft, at: typed.length });
  return null;
}

/** Only a plain y is a yes, and what is no answer is a no. */
function answer(store: Store, prompt: Prompt, key: string): void {
  store.ui.prompt = null;
  const other = prompt.keys?.[key];
  if (other !== undefined) return other();
  if (key !== "y") return store.say("nothing was done");
  const why = prompt.enter("y");
  if (why) store.notice(why);
}

function leave(store: Store, prompt: Prompt): void {
  store.ui.prompt = null;
  prompt.changed?.(null);
}

function enter(store: Store, prompt: Prompt): void {
  const text = prompt.line.text.trim();
  store.ui.prompt = null;
  const why = prompt.enter(text);
  if (text !== "" && prompt.kind !== "words") store.history.add(prompt.label + text);
  if (!why) return;
  // What was typed is there to be mended, unless the command asks for something itself.
  if (store.ui.prompt === null) store.ui.prompt = prompt;
  prompt.error = why;
}

function put(prompt: Prompt, line: Line): void {
  const other = line.text !== prompt.line.text;
  prompt.line = line;
  prompt.choices = null;
  if (!other) return;
  prompt.error = null;
  prompt.changed?.(line.text);
}

function recall(store: Store, prompt: Prompt, by: number): void {
  if (prompt.kind === "words") return;
  // What the person began with narrows what comes back.
  const past = store.history.startingWith(prompt.label + prompt.draft);
  const back = Math.max(0, Math.min(past.length, prompt.back + by));
  const text = back === 0 ? prompt.draft : (past.at(-back)?.slice(prompt.label.length) ?? "");
  put(prompt, { text, at: text.length });
  prompt.back = back;
}

/** The first tab goes as far as all choices agree, the next ones through them. */
function tab(store: Store, prompt: Prompt, step: number): void {
  const { line, choices } = prompt;
  if (choices && choices.words.length > 1) {
    const { words } = choices;
    const chosen =
      choices.chosen < 0 && step < 0
        ? words.length - 1
        : (choices.chosen + step + words.length) % words.length;
    replaceWord(prompt, choices.from, words[chosen] ?? "");
    prompt.choices = { ...choices, chosen };
    return;
  }
  const found = complete(store, prompt.kind, line);
  const [only, ...others] = found.words;
  if (only === undefined) return;
  if (others.length === 0)
    return replaceWord(prompt, found.from, /[/:=(<>.]$/.test(only) ? only : `${only} `);
  replaceWord(prompt, found.from, longestStart(found.words, line.text.slice(found.from, line.at)));
  prompt.choices = { ...found, chosen: -1 };
}

function replaceWord(prompt: Prompt, from: number, word: string): void {
  const { text, at } = prompt.line;
  const after = text.slice(at).trimStart();
  put(prompt, { text: text.slice(0, from) + word + after, at: from + word.length });
  Object.assign(prompt, { back: 0, draft: prompt.line.text });
}

/** What all of them begin with; what was typed where that is not a beginning of theirs. */
function longestStart(words: readonly string[], typed: string): string {
  let start = words[0] ?? "";
  for (const word of words) while (!word.startsWith(start)) start = start.slice(0, -1);
  return start.length >= typed.length ? start : typed;
}
