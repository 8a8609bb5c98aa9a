import type { WhatIf } from "../../control/protocol.ts";
import { sanitize } from "../../sanitize.ts";
import { ago } from "../format.ts";
import { line, piece, spread } from "../line.ts";
import type { Store } from "../store.ts";
import { pad, wrap } from "../text.ts";
import { whatIfWords } from "./what-if.ts";

/** What must be seen whatever else is looked at: files that cannot be used, and what a reload would have changed. */
export function band(store: Store): string[] {
  return [...problems(store), ...whatIfBand(store)];
}

/** A file that cannot be used must be seen from across the room: what, where, what to do, and what decides. */
function problems(store: Store): string[] {
  const cells = store.size.columns;
  const broken = [...store.model.gateways.values()].find(
    (gateway) => gateway.endedAt === null && gateway.policy.problems.length > 0,
  );
  const [problem, ...others] = broken?.policy.problems ?? [];
  if (!broken || !problem) return [];
  const where = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.col}` : problem.file;
  const what = clip(wrap(sanitize(`✗ ${where} ${problem.message}`, 1024), cells - 2), 2);
  const help = problem.help
    ? clip(wrap(sanitize(`help: ${problem.help}`, 1024), cells - 4), 3 - what.length)
    : [];
  const more = others.length > 0 ? `${others.length} more in these files: callgate check lists them. ` : "";
  const since = `The policy loaded ${ago(broken.policy.loadedAt, store.now())} still decides.`;
  return [
    ...what.map((text) => line([piece(pad(` ${text}`, cells), "alarm")], cells)),
    ...help.map((text) => line([piece(`   ${text}`, "strong")], cells)),
    line([piece(`   ${more}${since}`, "warn")], cells),
  ];
}

/** For how long it is told that a reload changes nothing, and that it does, in ms. */
const SHOWN_MS = { same: 8_000, other: 300_000 } as const;

/** What rules that were just read would have made of the last calls. */
function whatIfBand(store: Store): string[] {
  const now = store.now();
  const found = store.model.shown.flatMap(({ whatIf }): WhatIf[] =>
    whatIf !== null && whatIf.time > store.ui.whatIfSeen ? [whatIf] : [],
  );
  const sum = (count: "calls" | "wouldDeny" | "wouldAllow" | "wouldAsk") =>
    found.reduce((total, each) => total + each[count], 0);
  const all = {
    calls: sum("calls"),
    wouldDeny: sum("wouldDeny"),
    wouldAllow: sum("wouldAllow"),
    wouldAsk: sum("wouldAsk"),
  };
  const others = all.wouldDeny + all.wouldAllow + all.wouldAsk;
  const age = now - Math.max(0, ...found.map(({ time }) => time));
  if (all.calls === 0 || age > (others > 0 ? SHOWN_MS.other : SHOWN_MS.same)) return [];
  const words = piece(` policy read again: ${whatIfWords(all)}`, others > 0 ? "warn" : "quiet");
  const keys = others > 0 ? [piece("i ", "strong"), piece("lists, esc hides ", "quiet")] : [];
  return [spread([words], keys, store.size.columns)];
}

/** At most `most` lines, the cut shown. */
function clip(lines: readonly string[], most: number): string[] {
  return lines.slice(0, most).map((text, i) => (i === most - 1 && lines.length > most ? `${text} …` : text));
}

export function bandHeight(store: Store): number {
  return band(store).length;
}
