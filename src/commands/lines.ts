import type { CallView, DenialView, Totals } from "../control/protocol.ts";
import { sanitize } from "../sanitize.ts";

/** Longest arguments shown on a line. */
const ARGUMENTS = 120;

/** A finished call on one line, for those without a screen. */
export function callLine(call: CallView): string {
  const at = new Date(call.time).toISOString();
  const today = new Date().toISOString().slice(0, 10);
  const time = at.slice(at.startsWith(today) ? 11 : 0, 23);
  const args = call.arguments.length > ARGUMENTS ? `${call.arguments.slice(0, ARGUMENTS)}…` : call.arguments;
  const verdict =
    call.verdict === "allow"
      ? call.outcome === "ok"
        ? "allow"
        : `allow (${call.outcome})`
      : { deny: "DENY", ask: "HELD" }[call.verdict];
  const end = call.verdict === "allow" ? `${call.ms ?? 0} ms` : `${call.rule?.name ?? ""}: ${call.message}`;
  return sanitize(`${time} ${verdict.padEnd(5)} ${call.upstream}/${call.tool} ${args} ${end}`);
}

/** What a gateway did, in a few lines. */
export function summary(totals: Totals, denials: readonly DenialView[]): string {
  const { calls, allowed, denied, failed } = totals;
  const lines = [`${calls} calls: ${allowed} allowed (${failed} failed), ${denied} denied`];
  for (const { rule, count, lastMessage } of [...denials].sort((a, b) => b.count - a.count)) {
    lines.push(
      `  ${String(count).padStart(4)}  ${rule.tool}: ${rule.name} (${rule.file}:${rule.line}) ${lastMessage}`,
    );
  }
  return lines.map((line) => sanitize(line)).join("\n");
}
