import { resolve } from "node:path";
import { type GatewayCommand, gatewayCommands, misfit, signature } from "../control/commands.ts";
import { draftView } from "../control/protocol.ts";
import { recipient, SEVERAL } from "../control/recipient.ts";
import { sanitizeLines } from "../sanitize.ts";
import { answerTo } from "../screen/answers.ts";
import { textOf } from "../screen/line.ts";
import { type Attached, attachAll, NO_GATEWAY } from "./gateways.ts";
import { UsageError } from "./usage-error.ts";

const WIDTH = 100;

/** The options as commander hands them over. */
export interface CtlOptions {
  /** Only gateways with this id, process id or upstream. */
  gateway?: string;
  json?: boolean;
}

/**
 * `callgate ctl`: a command to every running gateway, or to the one that it is about.
 *
 * @returns 0 where every gateway did it, 1 otherwise
 * @throws UsageError
 */
export async function ctl(
  words: readonly string[],
  { gateway, json = false }: CtlOptions,
  out: (text: string) => void,
): Promise<number> {
  const [name = "", ...rest] = words;
  if (name === "") {
    const width = Math.max(...gatewayCommands.map((each) => signature(each).length));
    for (const each of gatewayCommands) out(`${signature(each).padEnd(width)}  ${each.help}\n`);
    return 0;
  }
  // A gateway may have been started elsewhere.
  const argument = name === "whatif" ? resolve(rest.join(" ")) : rest.join(" ");
  const attached = await attachAll();
  try {
    const command = commandOf(name, rest.join(" "), attached);
    const to = addressees(command, argument, named(attached, gateway));
    const answers = await Promise.allSettled(to.map((each) => each.command(`${name} ${argument}`.trim())));
    for (const [i, answer] of answers.entries()) {
      const id = to[i]?.gateway.id;
      // Who says it, where several do.
      const who = to.length > 1 ? `${to[i]?.snapshot.upstreams.map((each) => each.name).join(", ")}: ` : "";
      const failed = answer.status === "rejected";
      if (json)
        out(
          `${JSON.stringify({ gateway: id, ...(failed ? { error: answer.reason.message } : { result: answer.value }) })}\n`,
        );
      else if (failed)
        process.stderr.write(`callgate: ${who}${sanitizeLines(String(answer.reason.message)).join("\n")}\n`);
      else out(said(who, answerText(name, answer.value)));
    }
    return answers.every(({ status }) => status === "fulfilled") ? 0 : 1;
  } finally {
    for (const { close } of attached) close();
  }
}

/** @throws UsageError where there is none, or it needs more words */
function commandOf(name: string, argument: string, attached: readonly Attached[]): GatewayCommand {
  const command = gatewayCommands.find((each) => each.name === name);
  if (command !== undefined) {
    const wrong = misfit(command, argument);
    if (wrong !== null) throw new UsageError(wrong);
    return command;
  }
  const plugins = attached.flatMap(({ snapshot }) => snapshot.policy.plugins);
  if (plugins.some((plugin) => plugin.name === name)) return { name, args: "", help: "", to: "all" };
  const known = [...gatewayCommands.map(signature), ...new Set(plugins.map((plugin) => plugin.name))].join(
    ", ",
  );
  throw new UsageError(`there is no command ${JSON.stringify(name)}; expected one of ${known}`);
}

/** @throws Error where there is none */
function named(attached: readonly Attached[], word: string | undefined): readonly Attached[] {
  const found = attached.filter(({ gateway: { id, pid }, snapshot: { upstreams } }) =>
    word === undefined ? true : [id, String(pid), ...upstreams.map(({ name }) => name)].includes(word),
  );
  if (found.length > 0) return found;
  throw new Error(
    attached.length === 0 ? NO_GATEWAY : `no gateway is called ${word}; callgate status lists them`,
  );
}

/** @throws Error where it cannot be told which gateway is meant */
function addressees(
  command: GatewayCommand,
  argument: string,
  all: readonly Attached[],
): readonly Attached[] {
  switch (command.to) {
    case "all":
      return all;
    case "call":
      return withCall(all, argument.split(" ")[0] ?? "", command.name);
    case "one": {
      const one = recipient(command, argument, all, ({ snapshot }) => snapshot);
      if (typeof one === "string") throw new Error(one === SEVERAL ? `${one} (or --gateway NAME)` : one);
      return [one];
    }
  }
}

/** Ids are each gateway's own: with several, only one may fit. */
function withCall(all: readonly Attached[], id: string, verb: string): readonly Attached[] {
  if (id === "all" && verb !== "why") {
    const holding = all.filter(({ snapshot }) => snapshot.holds.length > 0);
    if (holding.length === 0) throw new Error("no call is held");
    return holding;
  }
  const ids = id.split(",");
  const having = all.filter(({ snapshot }) =>
    (verb === "why" ? snapshot.calls : snapshot.holds).some((each) => ids.includes(each.id)),
  );
  if (having.length > 1)
    throw new Error(`${having.length} gateways have a call ${id}: choose one with --gateway NAME`);
  if (having.length === 1 || all.length === 1) return having.length === 1 ? having : all;
  throw new Error(`no gateway ${verb === "why" ? "remembers" : "holds"} a call ${id}`);
}

/** A line after who says it; what has more lines is below. */
function said(who: string, text: string): string {
  const lines = text.trimEnd().includes("\n");
  return who === "" || text === "" ? text : `${who.trimEnd()}${lines ? "\n" : " "}${text}`;
}

/** An answer for people. */
function answerText(name: string, value: unknown): string {
  const answer = answerTo(name, value);
  if (answer !== null) {
    const draft = name === "write" ? draftView.safeParse(value) : null;
    const next = draft?.success ? `\ncallgate ctl write yes ${draft.data.token} writes it\n` : "";
    return textOf(answer.lines(WIDTH)) + next;
  }
  // A plugin's command says what it likes, and may quote what agents sent.
  if (typeof value === "string") return `${sanitizeLines(value).join("\n")}\n`;
  return value === undefined || value === null ? "" : `${JSON.stringify(value, null, 2)}\n`;
}
