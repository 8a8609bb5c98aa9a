import { gatewayCommands, misfit, signature } from "../control/commands.ts";
import { callDetail } from "../control/protocol.ts";
import { sanitize, sanitizeLines } from "../sanitize.ts";
import { opened } from "../screen/detail.ts";
import { reasons, summary } from "../screen/panes/call-why.ts";
import { type Attached, attachAll, NO_GATEWAY } from "./gateways.ts";
import { UsageError } from "./usage-error.ts";

const WIDTH = 100;

/**
 * `callgate ctl`: a command to every running gateway, or to the one that has the call it names.
 *
 * @returns 0 where every gateway did it, 1 otherwise
 * @throws UsageError
 */
export async function ctl(words: readonly string[], out: (text: string) => void): Promise<number> {
  const [name = "", id = ""] = words;
  const command = gatewayCommands.find((each) => each.name === name);
  if (!command) {
    const known = gatewayCommands.map(signature).join(", ");
    throw new UsageError(`there is no command ${JSON.stringify(name)}; expected one of ${known}`);
  }
  const wrong = misfit(command, words.slice(1).join(" "));
  if (wrong !== null) throw new UsageError(wrong);
  const attached = await attachAll();
  try {
    const to = command.to === "all" ? attached : withCall(attached, id, name);
    const answers = await Promise.allSettled(to.map((gateway) => gateway.command(words.join(" "))));
    for (const answer of answers) {
      if (answer.status === "rejected") process.stderr.write(`callgate: ${answer.reason.message}\n`);
      else if (name === "why") out(explained(answer.value));
      else if (typeof answer.value === "string") out(`${answer.value}\n`);
      else if (answer.value !== undefined) out(`${JSON.stringify(answer.value, null, 2)}\n`);
    }
    return answers.every(({ status }) => status === "fulfilled") ? 0 : 1;
  } finally {
    for (const { close } of attached) close();
  }
}

/** Ids are each gateway's own: with several, only one may fit. */
function withCall(attached: readonly Attached[], id: string, verb: string): Attached[] {
  if (attached.length === 0) throw new Error(NO_GATEWAY);
  const having = attached.filter(({ snapshot }) =>
    verb === "why"
      ? snapshot.calls.some((call) => call.id === id)
      : snapshot.holds.some((hold) => hold.id === id),
  );
  if (having.length > 1)
    throw new Error(`${having.length} gateways have a call ${id}: choose it in callgate watch`);
  if (having.length === 1 || attached.length === 1) return having.length === 1 ? having : [...attached];
  throw new Error(`no gateway ${verb === "why" ? "remembers" : "holds"} a call ${id}`);
}

/** The detail view as text, with the JSON as it is. */
function explained(value: unknown): string {
  const answer = callDetail.parse(value);
  const detail = { ...opened({ key: "", gateway: "", call: answer.call }), answer };
  const why = [...summary(detail, WIDTH), ...reasons(detail, WIDTH)].map((pieces) =>
    pieces
      .map(({ text }) => text)
      .join("")
      .trimEnd(),
  );
  const json = (name: string, text: string) => ["", name, ...sanitizeLines(text).map((line) => `  ${line}`)];
  const none = answer.call.verdict === "deny" ? "none: the call never reached the server" : "none yet";
  const what = [...json("Arguments", answer.arguments), ...json("Result", answer.result ?? none)];
  const hash = answer.hash === "" ? [] : ["", `audit record ${sanitize(answer.hash)}`];
  return [...why, ...what, ...hash].map((line) => `${line}\n`).join("");
}
