import { basename } from "node:path";
import type { PolicyView } from "../../control/protocol.ts";
import { sanitize } from "../../sanitize.ts";
import { ago, number } from "../format.ts";
import type { GatewayState } from "../gateway-state.ts";
import { HEADER_ROWS } from "../layout.ts";
import { block, line, type Piece, piece, piecesWidth, spread } from "../line.ts";
import { mergeRates, mergeTotals } from "../merge.ts";
import type { Model } from "../model.ts";
import { ails } from "../policy-rows.ts";
import type { Store } from "../store.ts";
import { cut } from "../text.ts";
import { fileHeader } from "./file-header.ts";
import { operatorBadges } from "./operator-badges.ts";

/** Two rows: who is watched and how busy it is; what decides and what it has decided. */
export function header(store: Store, cells: number): string[] {
  const now = store.now();
  const { model, loaded } = store;
  if (loaded) return fileHeader(loaded, totalsText(store), cells);
  const running = model.shown.filter(({ past }) => !past);
  const gateways = (running.length > 0 ? running : model.shown).sort(
    (a, b) => Number(a.endedAt !== null) - Number(b.endedAt !== null) || b.view.startedAt - a.view.startedAt,
  );
  if (model.gateways.size === 0)
    return block([line([piece(" callgate", "accent")], cells)], cells, HEADER_ROWS);
  const rate = rateText(mergeRates(gateways, now), cells);
  const totals = totalsText(store);
  const room = cells - 10 - piecesWidth(rate);
  return [
    spread([piece(" callgate", "accent"), ...endpoints(gateways, model, now, room)], rate, cells),
    spread([piece(" "), ...policies(gateways, now), ...onlyAgent(store)], totals, cells),
  ];
}

function endpoints(gateways: readonly GatewayState[], model: Model, now: number, room: number): Piece[] {
  const [some, all] = [model.shown.length, model.gateways.size];
  // That some are left out is said first: it is what a person would forget.
  const pieces = some < all ? [piece(`  ${some} of ${all} gateways:`, "warn")] : [];
  for (const [index, gateway] of gateways.entries()) {
    const next = [piece("  "), ...endpoint(gateway, now)];
    const left = gateways.length - index;
    if (index > 0 && piecesWidth([...pieces, ...next]) > room - (left > 1 ? 9 : 0)) {
      return [...pieces, piece(`  +${left} more`, "quiet")];
    }
    pieces.push(...next);
  }
  return pieces;
}

/** Of several gateways, one name is not to push out the others. */
const LONGEST_NAME = 40;

function endpoint(gateway: GatewayState, now: number): Piece[] {
  const name = cut(sanitize(gateway.name, 128), LONGEST_NAME);
  if (gateway.endedAt !== null)
    return [piece(name, "quiet"), piece(` ended ${ago(gateway.endedAt, now)}`, "warn")];
  const { view } = gateway;
  const where = view.transport === "stdio" ? `stdio, pid ${view.pid}` : view.endpoints.join(" ");
  return [piece(name, "strong"), piece(` ${sanitize(where, 512)}`, "quiet")];
}

/** The files in force and since when; gateways under the same files as one, by the latest load. */
function policies(gateways: readonly GatewayState[], now: number): Piece[] {
  const latest = new Map<string, PolicyView>();
  const running = gateways.filter((gateway) => gateway.endedAt === null);
  for (const { policy } of running.length > 0 ? running : gateways) {
    const key = policy.files.join("\n");
    const had = latest.get(key);
    if (policy.loadedAt > (had?.loadedAt ?? 0)) latest.set(key, policy);
  }
  return [...latest.values()].flatMap((policy, index) => {
    const names = policy.files.map((file) => sanitize(basename(file), 128)).join(", ") || "no policy";
    const when = `${policy.reloads > 0 ? "reloaded" : "loaded"} ${ago(policy.loadedAt, now)}`;
    const tone = policy.problems.length > 0 ? "bad" : "plain";
    return [piece(index > 0 ? "   " : ""), piece(names, tone), piece(` ${when}`, "quiet")];
  });
}

function totalsText(store: Store): Piece[] {
  const { shown, holds } = store.model;
  const totals = mergeTotals(shown);
  const badge = holds.length > 0 ? [piece(` ? ${number(holds.length)} HELD `, "alarm"), piece("  ")] : [];
  const elsewhere = store.live.allHolds.length - holds.length;
  if (elsewhere > 0) badge.push(piece(` ? ${number(elsewhere)} HELD elsewhere `, "alarm"), piece("  "));
  const pieces = [
    ...operatorBadges(store),
    ...pluginBadge(store),
    ...badge,
    piece(number(totals.allowed), "good"),
    piece(" allowed", "quiet"),
  ];
  const add = (n: number, word: string, tone: "bad" | "warn") =>
    pieces.push(piece("  "), piece(number(n), n > 0 ? tone : "quiet"), piece(` ${word}`, "quiet"));
  add(totals.denied, "denied", "bad");
  if (totals.failed > 0) add(totals.failed, "failed", "warn");
  if (totals.refused > 0) add(totals.refused, "refused", "warn");
  pieces.push(piece(" "));
  return pieces;
}

/** A plugin that cannot answer, until it is mended; mistakes in policies have a band of their own. */
function pluginBadge({ model }: Store): Piece[] {
  const ailing = model.policyRows.flatMap((row) =>
    row.kind === "plugin" && ails(row) ? [row.plugin.name] : [],
  );
  const [first, ...others] = ailing;
  if (first === undefined) return [];
  const more = others.length > 0 ? ` +${others.length}` : "";
  return [piece(` ✗ plugin ${cut(sanitize(first, 64), 20)}${more} `, "alarm"), piece("  ")];
}

/** The agent, where the calls have no column for it because it is always the same. */
function onlyAgent(store: Store): Piece[] {
  const { only, many } = store.model.calls.agents;
  if (only === null || many) return [];
  return [piece("  agent ", "quiet"), piece(cut(sanitize(only, 256), 20))];
}

const BARS = " ▁▂▃▄▅▆▇█";

function rateText(rate: readonly number[], cells: number): Piece[] {
  const a_minute = rate.reduce((sum, calls) => sum + calls, 0);
  const bars = cells >= 150 ? 60 : cells >= 100 ? 30 : 10;
  return [
    piece(sparkline(rate, bars), "good"),
    piece(` ${number(a_minute)}`, "strong"),
    piece("/min ", "quiet"),
  ];
}

/** The last minute as `bars` bars, the highest full. */
export function sparkline(rate: readonly number[], bars: number): string {
  const each = rate.length / bars;
  const sums = Array.from({ length: bars }, (_, bar) =>
    rate.slice(bar * each, (bar + 1) * each).reduce((sum, calls) => sum + calls, 0),
  );
  const most = Math.max(...sums, 1);
  // A second with one call is seen even beside one with a thousand.
  return sums
    .map((calls) => BARS[calls === 0 ? 1 : Math.max(2, Math.ceil((calls / most) * 8))] ?? " ")
    .join("");
}
