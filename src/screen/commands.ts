/** The one table of commands: what keys are bound to and what the command line takes. */
import { commandLine, gatewayCommands, misfit } from "../control/commands.ts";
import { nearest } from "../policy/suggest.ts";
import type { Command } from "./command.ts";
import { detailCommands } from "./commands/detail.ts";
import { expressionCommands } from "./commands/expression.ts";
import { fileCommands } from "./commands/files.ts";
import { filterCommands } from "./commands/filter.ts";
import { pickCommands } from "./commands/gateways.ts";
import { holdCommands } from "./commands/holds.ts";
import { loadCommands } from "./commands/load.ts";
import { moveCommands } from "./commands/move.ts";
import { isPlugin, operatorCommands, tellRunning } from "./commands/operator.ts";
import { viewCommands } from "./commands/view.ts";
import { standsStill } from "./loaded.ts";
import { mistakeIn } from "./mistake.ts";
import type { Store } from "./store.ts";

export const commands: readonly Command[] = [
  ...holdCommands,
  ...operatorCommands,
  ...pickCommands,
  ...filterCommands,
  ...fileCommands,
  ...loadCommands,
  ...viewCommands,
  ...expressionCommands,
  ...detailCommands,
  ...moveCommands,
];

export function commandNamed(name: string): Command | null {
  return commands.find((command) => command.name === name) ?? null;
}

/** What gateways do they cannot do for a file. */
function withoutGateway(store: Store, name: string): string | null {
  const asks = name !== "why" && gatewayCommands.some((each) => each.name === name);
  return asks ? standsStill(store) : null;
}

/** Runs a command line; gives what to tell the person when it could not be done. */
export function runCommand(store: Store, text: string): string | null {
  const { name, argument } = commandLine(text);
  const command = commandNamed(name);
  if (!command) {
    if (isPlugin(store, name)) return tellRunning(store, `${name} ${argument}`.trim());
    const typed = commands.filter(({ keysOnly }) => !keysOnly).map((each) => each.name);
    const near = nearest(name, typed);
    return `unknown command "${name}": ${near ? `did you mean ${near}?` : `there are ${typed.join(", ")}`}`;
  }
  const wrong = misfit(command, argument) ?? mistakeIn(command, text)?.message ?? withoutGateway(store, name);
  return wrong ?? command.run(store, argument);
}
