/** The one table of commands: what keys are bound to and what the command line takes. */
import { signature } from "../control/commands.ts";
import { nearest } from "../policy/suggest.ts";
import type { Command } from "./command.ts";
import { fileCommands } from "./commands/files.ts";
import { filterCommands } from "./commands/filter.ts";
import { holdCommands } from "./commands/holds.ts";
import { moveCommands } from "./commands/move.ts";
import { operatorCommands } from "./commands/operator.ts";
import { viewCommands } from "./commands/view.ts";
import type { Store } from "./store.ts";

export const commands: readonly Command[] = [
  ...holdCommands,
  ...operatorCommands,
  ...filterCommands,
  ...fileCommands,
  ...viewCommands,
  ...moveCommands,
];

export function commandNamed(name: string): Command | null {
  return commands.find((command) => command.name === name) ?? null;
}

/** Runs a command line; gives what to tell the person when it could not be done. */
export function runCommand(store: Store, text: string): string | null {
  const [, name = "", argument = ""] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(text) ?? [];
  const command = commandNamed(name);
  if (!command) {
    const typed = commands.filter(({ keysOnly }) => !keysOnly).map((each) => each.name);
    const near = nearest(name, typed);
    return `unknown command "${name}": ${near ? `did you mean ${near}?` : `there are ${typed.join(", ")}`}`;
  }
  const needed = command.args.replace(/\[[^\]]*\]/g, "").match(/\S+/g) ?? [];
  const given = argument === "" ? 0 : argument.split(/\s+/).length;
  if (given < needed.length) return `${needed[given]} is missing: ${signature(command)}`;
  if (command.args === "" && given > 0) return `${name} takes nothing after it`;
  return command.run(store, argument);
}
