import { commandLine } from "../../control/commands.ts";
import type { Mistake } from "../../control/filter/parse.ts";
import { sanitize } from "../../sanitize.ts";
import { usage } from "../command-line.ts";
import { commandNamed } from "../commands.ts";
import { line, type Piece, piece, piecesWidth } from "../line.ts";
import { filterMistake, mistakeIn } from "../mistake.ts";
import { paint } from "../paint.ts";
import type { Prompt } from "../prompt.ts";
import type { Store } from "../store.ts";
import { width } from "../text.ts";

/** The line being typed, and above it what there is to know of it. */
export function promptRows(store: Store, prompt: Prompt): string[] {
  const { columns } = store.size;
  const mistake = mistakeOf(prompt);
  return [
    line([piece(" "), ...told(prompt, mistake, columns - 1)], columns),
    typed(prompt, mistake, columns),
  ];
}

function mistakeOf({ kind, line: { text } }: Prompt): Mistake | null {
  if (kind === "filter") return filterMistake(text, 0);
  const command = kind === "command" ? commandNamed(commandLine(text).name) : null;
  return command && mistakeIn(command, text);
}

function told(prompt: Prompt, mistake: Mistake | null, cells: number): Piece[] {
  if (prompt.error) return [piece(sanitize(prompt.error, 512), "warn")];
  if (prompt.choices) return choices(prompt, cells);
  if (mistake && mistake.start < prompt.line.at) return [piece(sanitize(mistake.message, 512), "bad")];
  if (prompt.kind === "command") return usage(prompt.line.text);
  return [piece(sanitize(prompt.hint, 512), prompt.kind === "question" ? "warn" : "quiet")];
}

/** The choices around the chosen one, as many as there is room for. */
function choices({ choices }: Prompt, cells: number): Piece[] {
  if (!choices) return [];
  const words = choices.words.map((word) => sanitize(word, 64));
  let first = Math.max(0, choices.chosen);
  while (first > 0 && width(words.slice(first - 1, choices.chosen + 1).join("  ")) < cells / 2) first--;
  return words
    .slice(first)
    .map((word, index) => piece(`${word}  `, first + index === choices.chosen ? "accent" : "quiet"));
}

/** The text with its cursor, scrolled so that the cursor shows; a mistake in it is underlined. */
function typed(prompt: Prompt, mistake: Mistake | null, columns: number): string {
  const label = piece(sanitize(` ${prompt.label}`, 200), prompt.kind === "question" ? "warn" : "accent");
  if (prompt.kind === "question") return line([label], columns);
  const room = columns - piecesWidth([label]) - 1;
  const { text, at } = prompt.line;
  const shown = [...text];
  const cursor = [...text.slice(0, at)].length;
  let start = cursor;
  for (let left = room - 1; start > 0; start--) {
    left -= width(sanitize(shown[start - 1] ?? ""));
    if (left < 0) break;
  }
  let painted = "";
  let used = 0;
  let offset = shown.slice(0, start).join("").length;
  for (const [index, char] of [...shown, " "].entries()) {
    if (index < start) continue;
    const safe = sanitize(char);
    if (used + width(safe) > room) break;
    const wrong =
      mistake !== null && offset >= mistake.start && offset < Math.max(mistake.end, mistake.start + 1);
    painted += paint(safe, index === cursor ? "chosen" : wrong && index < shown.length ? "wrong" : "plain");
    used += width(safe);
    offset += char.length;
  }
  return line([label], piecesWidth([label])) + painted + " ".repeat(Math.max(0, room + 1 - used));
}
