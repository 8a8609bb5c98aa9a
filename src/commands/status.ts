import type { PolicyView } from "../control/protocol.ts";
import { sanitize } from "../sanitize.ts";
import { type Attached, attachAll, NO_GATEWAY } from "./gateways.ts";

/** Most denying rules named. */
const TOP_RULES = 3;

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
  const { policy, upstreams, totals, denials, holds, operator } = snapshot;
  const where = gateway.transport === "stdio" ? "stdio" : gateway.endpoints.join(" ");
  const lines = [
    `${upstreams.map(({ name }) => name).join(", ")} (pid ${gateway.pid}, ${where})`,
    `  policy   ${policy.files.join(", ") || "none"}: ${policy.rules} rules`,
    ...policy.problems.map((problem) => `           ${problemText(problem)}`),
    `  calls    ${totals.allowed} allowed, ${totals.denied} denied, ${totals.held} held, ${totals.failed} failed`,
    ...holds.map(({ id, message }) => `  held     ${id}: ${message}`),
    ...(operator.killed === null
      ? []
      : ["  KILLED   every call is denied; callgate ctl unkill takes it back"]),
    ...operator.blocks.map(
      ({ tool, until }) => `  blocked  ${tool}${until === null ? "" : ` until ${iso(until)}`}`,
    ),
    ...denials
      .toSorted((a, b) => b.count - a.count)
      .slice(0, TOP_RULES)
      .map(({ rule, count }) => `  denies   ${count}x ${rule.name} (${rule.file}:${rule.line})`),
  ];
  return lines.map((line) => `${sanitize(line)}\n`).join("");
}

const problemText = ({ file, line, col, message }: PolicyView["problems"][number]) =>
  `${file}:${line}:${col} ${message}`;
const iso = (time: number) => new Date(time).toISOString();
