import type { Key } from "ink";

/** The keymap's names for what Ink says was typed; several when a terminal sent several at once. */
export function keyNames(input: string, key: Key): string[] {
  if (key.upArrow) return ["up"];
  if (key.downArrow) return ["down"];
  if (key.leftArrow) return ["left"];
  if (key.rightArrow) return ["right"];
  if (key.pageUp) return ["pageup"];
  if (key.pageDown) return ["pagedown"];
  if (key.home) return ["home"];
  if (key.end) return ["end"];
  if (key.return) return ["enter"];
  if (key.escape) return ["esc"];
  if (key.tab) return [key.shift ? "shift-tab" : "tab"];
  if (key.backspace) return ["backspace"];
  if (key.delete) return ["delete"];
  if (key.ctrl) return [`ctrl-${input}`];
  if (key.meta) return [`alt-${input}`];
  // A report of the mouse that came in pieces.
  if (input.startsWith("[<")) return [];
  return [...input.slice(0, LONGEST_PASTE)].map(charName);
}

const LONGEST_PASTE = 8_192;

const NAMES: Record<string, string> = {
  " ": "space",
  "\t": "tab",
  "\r": "enter",
  "\n": "enter",
  "\x7f": "backspace",
};

function charName(char: string): string {
  const code = char.charCodeAt(0);
  return NAMES[char] ?? (code < 0x20 ? `ctrl-${String.fromCharCode(code + 0x60)}` : char);
}
