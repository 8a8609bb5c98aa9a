/** What the command line says of the command being typed. */
import { commandNamed, commands } from "./commands.ts";
import { type Piece, piece } from "./line.ts";
import { wordTyped } from "./signature-words.ts";

/** Its signature, with the word being typed marked, and its help; before there is a command, the names there are. */
export function usage(text: string): Piece[] {
  const [, name = "", space = ""] = /^\s*(\S*)(\s*)/.exec(text) ?? [];
  const command = commandNamed(name);
  if (command && !command.keysOnly) {
    const args = command.args.match(/\S+/g) ?? [];
    const typing = Math.min(wordTyped(text), args.length - 1);
    const shown = args.map((arg, i) => piece(` ${arg}`, i === typing ? "accent" : "plain"));
    return [piece(command.name, "strong"), ...shown, piece(`   ${command.help}`, "quiet")];
  }
  const names = commands.filter((each) => !each.keysOnly && (space ? false : each.name.startsWith(name)));
  if (names.length === 0) return [piece("no such command; tab lists them", "warn")];
  return names.map((each) => piece(`${each.name}  `, "quiet"));
}
