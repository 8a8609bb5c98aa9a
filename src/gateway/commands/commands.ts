import {
  commandLine,
  type GatewayCommandName,
  gatewayCommands,
  misfit,
  signature,
} from "../../control/commands.ts";
import { nearest } from "../../policy/suggest.ts";
import type { Gateway } from "../gateway.ts";
import { snapshotOf } from "../views/snapshot.ts";
import { call } from "./call.ts";
import { why } from "./calls.ts";
import type { Run } from "./command.ts";
import { reset, set } from "./counters.ts";
import { approve, deny, edit } from "./holds.ts";
import { allow, block, hold, kill, resume, shadow, unallow, unblock, unkill } from "./operator.ts";
import { plugin, pluginCommand } from "./plugin.ts";
import { reload } from "./reload.ts";
import { tryCall, tryEdit } from "./try.ts";
import { replay, underDraft } from "./what-if.ts";
import { write } from "./write.ts";

/** What does each command of the table of signatures. */
const runs: Readonly<Record<GatewayCommandName, Run>> = {
  approve,
  deny,
  edit,
  why,
  snapshot: snapshotOf,
  reload,
  kill,
  unkill,
  block,
  unblock,
  allow,
  unallow,
  hold,
  resume,
  shadow,
  reset,
  set,
  call,
  plugin,
  write,
  try: tryCall,
  "try-edit": tryEdit,
  whatif: underDraft,
  replay,
};

/**
 * Does what a line says.
 *
 * @returns a sentence for the person, or what they asked for
 * @throws Error with a message for the person
 */
export async function runCommand(gateway: Gateway, line: string): Promise<unknown> {
  const { name, argument } = commandLine(line);
  const command = gatewayCommands.find((each) => each.name === name);
  if (command === undefined) {
    const said = await pluginCommand(gateway, name, argument);
    if (said !== null) return said;
    const names = gatewayCommands.map((each) => each.name);
    const near = nearest(name, names);
    const help =
      near === null ? `expected ${gatewayCommands.map(signature).join(", ")}` : `did you mean ${near}?`;
    throw new Error(`There is no command ${JSON.stringify(name)}: ${help}`);
  }
  const wrong = misfit(command, argument);
  if (wrong !== null) throw new Error(wrong);
  return runs[command.name](gateway, argument);
}
