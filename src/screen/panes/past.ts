/** A call's detail as the audit log has it: no trace and no result, but what proves that it was as it was. */
import type { PastDetail } from "../../control/past/detail.ts";
import { sanitize } from "../../sanitize.ts";
import { count, number } from "../format.ts";
import { type Piece, piece } from "../line.ts";
import { oneLine } from "../one-line.ts";
import { wrap } from "../text.ts";

const RECORDED: Record<PastDetail["recorded"], string> = {
  whole: "",
  masked: "secrets were masked before it was written",
  hash: "they were too large: only their hash was written",
};

export const NOT_REACHED = "  none: the call never reached the server";

/** What stands in place of the trace. */
export function pastReasons(past: PastDetail, cells: number): Piece[][] {
  const lines = told(
    "From the audit log, which has the rule that decided but not its trace.",
    cells,
    "quiet",
  );
  if (past.held !== null) lines.push(...told(`A person was asked: ${past.held}`, cells, "warn"));
  if (past.came !== null)
    lines.push(...told(`Plugins changed its arguments, which came as ${oneLine(past.came)}`, cells, "warn"));
  if (past.counters.length > 0) lines.push([], [piece("Counters", "accent")]);
  for (const { name, before, add } of past.counters)
    lines.push([piece(`  ${sanitize(name, 512)}  `), piece(`${number(before)} + ${number(add)}`, "strong")]);
  return [[], ...lines];
}

/**
 * What stands in place of the result, after the arguments.
 *
 * @param denied whether the call never got to the server
 */
export function pastResult(past: PastDetail, denied: boolean, cells: number): Piece[][] {
  const { result, recorded, hash, policy } = past;
  const lines: Piece[][] = [];
  if (RECORDED[recorded] !== "") lines.push([piece(`  ${RECORDED[recorded]}`, "quiet")]);
  lines.push([], [piece("Result", "accent")]);
  if (result?.resultHash)
    lines.push(...told(`  only its hash was written${size(result.bytes)}: ${result.resultHash}`, cells));
  else lines.push([piece(denied ? NOT_REACHED : "  none was recorded", "quiet")]);
  if (result?.refunded) lines.push([piece("  what it had added to counters was given back", "warn")]);
  if (result?.handed) lines.push(...handed(result.handed, cells));
  lines.push([], [piece(`policy ${sanitize(policy, 128)}`, "quiet")]);
  lines.push([piece(`audit record ${sanitize(hash, 128)}`, "quiet")]);
  return lines;
}

const DONE: Record<Handed["verdict"], string> = {
  deny: "withheld the answer",
  redact: "took something out of the answer",
  replace: "put another answer in its place",
};

type Handed = NonNullable<NonNullable<PastDetail["result"]>["handed"]>;

function handed({ verdict, rule, message, shadow }: Handed, cells: number): Piece[][] {
  const done = DONE[verdict];
  const said = `"${rule}" ${shadow ? "would have " : ""}${done}${message === "" ? "" : `: ${message}`}`;
  return told(`  ${said}`, cells, "warn");
}

const size = (bytes: number | null): string => (bytes === null ? "" : `, of ${count(bytes, "byte")}`);

function told(text: string, cells: number, tone: "plain" | "quiet" | "warn" = "plain"): Piece[][] {
  return wrap(sanitize(text, 2_048), cells).map((line) => [piece(line, tone)]);
}
