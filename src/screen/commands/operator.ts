/** What gateways are told and asked: all that are looked at, or the one that it is about. */
import { commandLine, type GatewayCommand, gatewayCommands } from "../../control/commands.ts";
import { recipient } from "../../control/recipient.ts";
import { sanitizeLines } from "../../sanitize.ts";
import { answerOf } from "../answers.ts";
import { askTo, type Heard, refused } from "../ask.ts";
import type { Command } from "../command.ts";
import { openAnswer } from "../detail.ts";
import type { GatewayState } from "../gateway-state.ts";
import { piece } from "../line.ts";
import type { Store } from "../store.ts";
import { ownCommands } from "./own.ts";

/** What is asked is about the gateways that are looked at; what is changed is changed at all of them. */
const ASKED: ReadonlySet<string> = new Set(["replay"]);

export const operatorCommands: readonly Command[] = gatewayCommands
  .filter(({ name, to }) => to !== "call" && name !== "snapshot")
  .map((command) => ownCommands[command.name] ?? plainly(command));

function plainly(command: GatewayCommand): Command {
  const { name, args, help } = command;
  return {
    name,
    args,
    help,
    run(store, argument) {
      const to = addressees(store, command, argument);
      if (typeof to === "string") return to;
      void askTo(store, to, `${name} ${argument}`.trim()).then((heard) => tell(store, name, heard));
      return null;
    },
  };
}

/** Whether a plugin of that name has commands of its own. */
export const isPlugin = ({ model }: Store, name: string): boolean =>
  [...model.gateways.values()].some(({ policy }) =>
    policy.plugins.some((plugin) => plugin.name === name && plugin.commands.length > 0),
  );

/** Has every running gateway do what a line says. Gives why it cannot be. */
export function tellRunning(store: Store, line: string): string | null {
  const running = [...store.model.gateways.values()].filter(({ endedAt }) => endedAt === null);
  if (running.length === 0) return "no gateway is running";
  void askTo(store, running, line).then((heard) => tell(store, commandLine(line).name, heard));
  return null;
}

/** The gateways that a command is for; why none, where there is none. */
function addressees(
  store: Store,
  command: GatewayCommand,
  argument: string,
): readonly GatewayState[] | string {
  const { name, to } = command;
  const { model } = store;
  const all = to === "one" || ASKED.has(name) ? model.shown : [...model.gateways.values()];
  const running = all.filter(({ endedAt }) => endedAt === null);
  if (to !== "one") return running.length > 0 ? running : "no gateway is running";
  const one = recipient(command, argument, running, (gateway) => gateway);
  return typeof one === "string" ? one : [one];
}

function tell(store: Store, name: string, { gateways, answers, failed }: Heard): void {
  const of = gateways > 1 ? ` (${answers.length} of ${gateways} gateways)` : "";
  if (failed[0] !== undefined) return refused(store, failed[0] + of);
  const shown = answerOf(name, answers);
  if (shown !== null) return openAnswer(store, shown);
  const said = [...new Set(answers.map(({ value }) => String(value)))];
  if (!said.some((text) => text.includes("\n"))) return store.say(said.join("; ") + of);
  const lines = sanitizeLines(said.join("\n")).map((text) => [piece(text)]);
  openAnswer(store, { title: name, lines: () => lines });
}
