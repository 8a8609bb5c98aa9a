import { createHash } from "node:crypto";
import { counterId } from "../policy/counters/counters.ts";
import { DECIMAL_RULES, decimal, formatMicros } from "../policy/counters/decimal.ts";
import type { Call, CounterNeed, Window } from "../policy/types.ts";
import type { GuestReply } from "./answers.ts";

/** A counter that a plugin looked at: what it saw there, and what it wants to add. */
export interface Reading {
  /** The counter by the plugin's own name and key. */
  readonly slot: string;
  /** What to reserve if the call goes ahead. */
  readonly need: CounterNeed;
  /** Micros that the plugin was told. What it answered holds only if this is what the counter stands at. */
  readonly seen: bigint;
}

/** Begins the scope of counters that plugins declare; their names follow. */
export const PLUGIN_SCOPE = "plugin ";

/** Longest key kept as it is; a longer one is kept as its hash. */
const MAX_KEY = 128;

/**
 * The counters that an answer used. A counter that the plugin was told nothing of stood at 0 for it.
 *
 * @throws RangeError for an amount that is none
 */
export function readingsOf(
  uses: GuestReply["uses"],
  plugin: string,
  windows: Readonly<Record<string, Window>>,
  call: Call,
  known: readonly Reading[],
): Reading[] {
  return uses.flatMap(({ name, key, adds }) => {
    const window = windows[name];
    if (window === undefined) return [];
    const slot = `${name} ${key}`;
    let add = 0n;
    for (const amount of adds) {
      const micros = decimal(amount);
      if (typeof micros === "string")
        throw new RangeError(`counter ${name} cannot add ${amount}: ${DECIMAL_RULES[micros]}`);
      add += micros;
    }
    const scope = PLUGIN_SCOPE + plugin;
    const own = key === "[]" ? "" : bounded(key);
    const partition = window.kind === "session" ? `${call.session} ${own}`.trim() : own;
    const { upstream } = call;
    const id = counterId(upstream, scope, name, window, partition);
    const need: CounterNeed = { id, upstream, scope, counter: name, window, partition, add };
    return [{ slot, need, seen: known.find((each) => each.slot === slot)?.seen ?? 0n }];
  });
}

/** What a plugin is told of counters. */
export function toldOf(known: readonly Reading[]): Record<string, number> {
  return Object.fromEntries(known.map(({ slot, seen }) => [slot, Number(formatMicros(seen))]));
}

/**
 * The readings as the counters stand; null where the plugin saw just that, and its answer holds.
 *
 * @param before micros by counter id
 */
export function refreshed(
  readings: readonly Reading[],
  before: ReadonlyMap<string, bigint>,
): Reading[] | null {
  const now = readings.map((reading) => ({ ...reading, seen: before.get(reading.need.id) ?? 0n }));
  return now.every(({ seen }, i) => seen === readings[i]?.seen) ? null : now;
}

const bounded = (key: string) =>
  key.length <= MAX_KEY ? key : `sha256:${createHash("sha256").update(key).digest("hex")}`;
