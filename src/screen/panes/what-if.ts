import type { WhatIf } from "../../control/protocol.ts";
import { sanitize } from "../../sanitize.ts";
import { clock, count, placeOf } from "../format.ts";
import { type Piece, piece } from "../line.ts";
import { oneLine } from "../one-line.ts";
import { cut, width } from "../text.ts";

type Flip = WhatIf["flips"][number];

const TONES = { deny: "bad", allow: "good", ask: "warn" } as const;
const WOULD = { deny: "denied", allow: "allowed", ask: "held" } as const;

/** `3 of the last 200 would be denied, 1 allowed`. */
export function whatIfWords({
  calls,
  wouldDeny,
  wouldAllow,
  wouldAsk,
}: Pick<WhatIf, "calls" | "wouldDeny" | "wouldAllow" | "wouldAsk">): string {
  const parts = [
    [wouldDeny, "denied"],
    [wouldAllow, "allowed"],
    [wouldAsk, "held"],
  ].flatMap(([n, word]) => (n === 0 ? [] : [`${n} ${word}`]));
  const [first, ...rest] = parts;
  const of = `of the last ${count(calls, "call")}`;
  if (first === undefined) return `none ${of} would be decided otherwise`;
  const [n, word] = first.split(" ");
  return [`${n} ${of} would now be ${word}`, ...rest].join(", ");
}

/** Which calls other rules would have decided otherwise, by what they would be. */
export function whatIfDetail(found: WhatIf, cells: number): Piece[][] {
  const lines: Piece[][] = [
    [piece(whatIfWords(found), "strong"), piece(`  under ${sanitize(found.under, 256)}`, "quiet")],
  ];
  if (found.unknown > 0)
    lines.push([
      piece(`${count(found.unknown, "call")} were too large to remember whole, and are left out`, "quiet"),
    ]);
  for (const to of ["deny", "ask", "allow"] as const) {
    const flips = found.flips.filter((flip) => flip.to === to);
    if (flips.length > 0) lines.push([], [piece(`would be ${WOULD[to]}`, TONES[to])]);
    for (const flip of flips) lines.push(...flipLines(flip, cells));
  }
  const all = found.wouldDeny + found.wouldAllow + found.wouldAsk;
  if (all > found.flips.length)
    lines.push([], [piece(`and ${count(all - found.flips.length, "call")} more`, "quiet")]);
  if (all > 0)
    lines.push([], [piece("each on the counters that it saw; why ID shows one as it was decided", "quiet")]);
  return lines;
}

function flipLines({ call, from, rule, message }: Flip, cells: number): Piece[][] {
  const by = rule === null ? "" : `"${rule.name}"${rule.file === "" ? "" : ` (${placeOf(rule)})`}`;
  const why = [by, message].filter((text) => text !== "").join(": ");
  const [agent, tool] = [sanitize(call.agent, 64), sanitize(call.tool, 128)];
  const others = width(`00000  00:00:00  ${agent}  ${tool}    was ${WOULD[from]}`);
  const args = cut(oneLine(sanitize(call.arguments, 512)), Math.max(10, cells - others));
  return [
    [
      piece(`${call.id.padStart(5)}  `, "accent"),
      piece(`${clock(call.time)}  ${agent}  `, "quiet"),
      piece(tool, "strong"),
      piece(`  ${args}  `),
      piece(`was ${WOULD[from]}`, TONES[from]),
    ],
    ...(why === "" ? [] : [[piece(`       ${cut(sanitize(why, 1024), Math.max(10, cells - 8))}`, "quiet")]]),
  ];
}
