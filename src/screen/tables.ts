/** The keys, commands and filter fields as Markdown, for the docs and `callgate watch --print-keys`. */
import { signature } from "../control/commands.ts";
import { fields } from "../control/filter/fields.ts";
import { commands } from "./commands.ts";
import { type Binding, keymap } from "./keymap.ts";

export const tables: Readonly<Record<"keys" | "commands" | "fields", () => string>> = {
  keys: () =>
    table(
      ["key", "command", "does", "where"],
      keymap.map((binding) => [
        binding.keys.map(code).join(" "),
        code(binding.named ? `${binding.command} N` : binding.command),
        binding.help,
        placesOf(binding),
      ]),
    ),
  commands: () =>
    table(
      ["command", "does"],
      commands.filter(({ keysOnly }) => !keysOnly).map((command) => [code(signature(command)), command.help]),
    ),
  fields: () =>
    table(
      ["field", "operators", "example", "is"],
      fields.map(({ name, operators, example, help }) => [
        code(name),
        operators.map(code).join(" "),
        code(example),
        help,
      ]),
    ),
};

/** Where a key works, in words. */
export function placesOf({ views, panes }: Binding): string {
  if (views.length === 3) return "everywhere";
  return views.map((view) => (view === "panes" && panes ? panes.join(", ") : view)).join(", ");
}

const code = (text: string): string => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  const drawn = [...lines.slice(0, 1), rule, ...lines.slice(1)].map((cells) =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | "),
  );
  return drawn.map((line) => `| ${line} |\n`).join("");
}
