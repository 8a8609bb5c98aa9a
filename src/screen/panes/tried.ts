import type { CallDetail } from "../../control/protocol.ts";
import { sanitize } from "../../sanitize.ts";
import { type Piece, piece } from "../line.ts";
import { wrap } from "../text.ts";
import { reasonsFor } from "./plain-call.ts";

const WOULD = {
  allow: ["would be allowed", "good"],
  deny: ["would be denied", "bad"],
  ask: ["would be held", "warn"],
} as const;

/** How a call would be decided, rule by rule. */
export function triedDetail(answer: CallDetail, cells: number): Piece[][] {
  const { call } = answer;
  const [words, tone] = WOULD[call.verdict];
  const by = call.rule === null ? "" : ` by "${sanitize(call.rule.name, 256)}"`;
  return [
    [piece(sanitize(call.tool, 256), "strong"), piece("  "), piece(words, tone), piece(by)],
    ...wrap(sanitize(call.message, 2048), cells).map((text) => [piece(text)]),
    [piece("nothing was counted, recorded or sent", "quiet")],
    ...reasonsFor(answer, cells),
  ];
}
