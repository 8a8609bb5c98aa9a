import type { CallDetail } from "../../control/protocol.ts";
import { sanitize, sanitizeLines } from "../../sanitize.ts";
import { opened } from "../detail.ts";
import { type Piece, piece } from "../line.ts";
import { reasons, summary } from "./call-why.ts";

/** A call that has been decided, all of it, with its JSON as it is. */
export function plainCall(answer: CallDetail, cells: number): Piece[][] {
  const none = answer.call.verdict === "deny" ? "none: the call never reached the server" : "none yet";
  return [
    ...summary(asOpened(answer), cells),
    ...reasons(asOpened(answer), cells),
    ...jsonLines("Arguments", answer.arguments),
    ...jsonLines("Result", answer.result ?? none),
    ...(answer.hash === "" ? [] : [[], [piece(`audit record ${sanitize(answer.hash)}`, "quiet")]]),
  ];
}

/** The rules looked at and what they saw, and the arguments that they saw it in. */
export function reasonsFor(answer: CallDetail, cells: number): Piece[][] {
  return [...reasons(asOpened(answer), cells), ...jsonLines("Arguments", answer.arguments)];
}

function asOpened(answer: CallDetail) {
  return { ...opened({ key: "", gateway: "", call: answer.call }), answer };
}

function jsonLines(name: string, text: string): Piece[][] {
  return [[], [piece(name, "accent")], ...sanitizeLines(text).map((line) => [piece(`  ${line}`)])];
}
