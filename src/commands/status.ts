import type { CounterView, OperatorView, PolicyView, Snapshot } from "../control/protocol.ts";
import { sanitize } from "../sanitize.ts";
import { type Attached, attachAll, NO_GATEWAY } from "./gateways.ts";

/** Most denying rules named. */
const TOP_RULES = 3;
/** Most counters named, and how much of a limit is near it. */
const TOP_COUNTERS = 5;
const NEAR = 0.8;

/**
 * `callgate status`: what every running gateway is, has done and holds.
 *
 * @returns 0, or 1 where none is running
 */
export async function status(json: boolean, out: (text: string) => void): Promise<number> {
  const attached = await attachAll();
  for (const { close } of attached) close();
  if (json) {
    const gateways = attached.map(({ gateway, snapshot: { calls: _, ...rest } }) => ({ gateway, ...rest }));
    out(`${JSON.stringify({ gateways }, null, 2)}\n`);
  } else if (attached.length === 0) process.stderr.write(`callgate status: ${NO_GATEWAY}\n`);
  else out(attached.map(block).join("\n"));
  return attached.length === 0 ? 1 : 0;
}

function block({ gateway, snapshot }: Attached): string {
  const { policy, upstreams, totals, holds, counters, denials, operator } = snapshot;
  const where = gateway.transport === "stdio" ? "stdio" : gateway.endpoints.join(" ");
  const lines = [
    `${upstreams.map(({ name }) => name).join(", ")} (pid ${gateway.pid}, ${where})`,
    `  policy   ${policy.files.join(", ") || "none"}: ${policy.rules} rules`,
    ...problems(policy),
    `  calls    ${totals.allowed} allowed, ${totals.denied} denied, ${totals.held} held, ${totals.failed} failed`,
    ...holds.map(({ id, message }) => `  held     ${id}: ${message}`),
    ...changed(operator),
    ...nearLimit(counters),
    ...topRules(denials),
  ];
  return lines.map((line) => `${sanitize(line)}\n`).join("");
}

function problems({ problems, plugins }: PolicyView): string[] {
  return [
    ...problems.map((each) => `  PROBLEM  ${problemText(each)}; the last good policy decides`),
    ...plugins.flatMap(({ name, problems }) =>
      problems.map((each) => `  PROBLEM  plugin ${name}: ${problemText(each)}`),
    ),
  ];
}

const problemText = ({ file, line, col, message }: PolicyView["problems"][number]): string =>
  line > 0 ? `${file}:${line}:${col} ${message}` : `${file} ${message}`;

function changed({ killed, shadow, blocks, allows, holds }: OperatorView): string[] {
  const until = ({ tool, until }: OperatorView["blocks"][number]) =>
    `${tool}${until === null ? "" : ` until ${new Date(until).toISOString()}`}`;
  return [
    ...(killed === null ? [] : ["  KILLED   every call is denied; callgate ctl unkill takes it back"]),
    ...(shadow ? ["  SHADOW   nothing is blocked, whatever rules say"] : []),
    ...blocks.map((each) => `  blocked  ${until(each)}`),
    ...allows.map((each) => `  allowed  ${until(each)}, whatever rules say`),
    ...holds.map((filter) => `  holding  calls like ${filter}`),
  ];
}

function nearLimit(counters: readonly CounterView[]): string[] {
  return counters
    .filter(({ fraction, limit }) => limit !== null && fraction !== null && fraction >= NEAR)
    .sort((a, b) => (b.fraction ?? 0) - (a.fraction ?? 0))
    .slice(0, TOP_COUNTERS)
    .map(({ scope, counter, partition, used, limit, window, resetsAt }) => {
      const name = `${scope === "_global" ? "" : `${scope}.`}${counter}${partition === "" ? "" : ` [${partition}]`}`;
      const resets = resetsAt === null ? "" : `, resets ${new Date(resetsAt).toISOString()}`;
      return `  counter  ${name}: ${used} of ${limit} per ${window}${resets}`;
    });
}

function topRules(denials: Snapshot["denials"]): string[] {
  return denials
    .toSorted((a, b) => b.count - a.count)
    .slice(0, TOP_RULES)
    .map(({ rule, count }) => `  denies   ${count}x ${rule.name} (${rule.file}:${rule.line})`);
}
