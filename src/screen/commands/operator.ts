/** What an operator changes at the gateways: for now, visible in the header, and recorded. */
import { gatewayCommands } from "../../control/commands.ts";
import type { Command } from "../command.ts";
import type { Store } from "../store.ts";

export const operatorCommands: readonly Command[] = gatewayCommands
  .filter(({ name, to }) => to === "all" && name !== "snapshot")
  .map((command) => ({
    name: command.name,
    args: command.args,
    help: command.help,
    run: (store, argument) => tellRunning(store, `${command.name} ${argument}`.trim()),
  }));

/** Whether a plugin of that name has commands of its own. */
export const isPlugin = ({ model }: Store, name: string): boolean =>
  [...model.gateways.values()].some(({ policy }) =>
    policy.plugins.some((plugin) => plugin.name === name && plugin.commands.length > 0),
  );

/** Has every running gateway do what a line says. Gives why it cannot be. */
export function tellRunning(store: Store, line: string): string | null {
  const running = [...store.model.gateways.values()].filter(({ endedAt }) => endedAt === null);
  if (running.length === 0) return `${line}: no gateway is running`;
  void tellAll(
    store,
    running.map(({ view }) => view.id),
    line,
  );
  return null;
}

async function tellAll(store: Store, gateways: readonly string[], command: string): Promise<void> {
  const answers = await Promise.allSettled(gateways.map((gateway) => store.options.ask(gateway, command)));
  const said = answers.flatMap((answer) => (answer.status === "fulfilled" ? [String(answer.value)] : []));
  const failed = answers.flatMap((answer) =>
    answer.status === "rejected" ? [String(answer.reason.message)] : [],
  );
  const of = gateways.length > 1 ? ` (${said.length} of ${gateways.length} gateways)` : "";
  if (failed[0] !== undefined) store.notice(failed[0] + of);
  else store.say([...new Set(said)].join("; ") + of);
}
