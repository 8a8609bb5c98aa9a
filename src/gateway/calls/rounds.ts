import { hash } from "node:crypto";
import type { Call } from "../../policy/types.ts";
import type { Reservation } from "../../state/store.ts";
import type { CallEntry } from "../history/history.ts";

/** Calls waiting for their next round that are remembered; beyond it the oldest count anew when they go on. */
const MAX_WAITING = 1_000;

/** A call whose server asked for more input, and what has been reserved for it. */
export interface Round {
  readonly entry: CallEntry;
  readonly reservation: Reservation | null;
}

/**
 * Calls between two rounds (MCP 2026-07-28 patterns, "Multi Round-Trip Requests"): the server has asked for
 * input and the agent will send the call again. Only what a server really asked for is the same call, once,
 * and only with the same arguments: an agent cannot pass a new call off as an old one.
 */
export class Rounds {
  readonly #waiting = new Map<string, Round>();

  /** The server's answer to `call` asks for input; `state` is what it wants to see again, where it gave any. */
  wait(call: Call, state: string | null, round: Round): void {
    this.#waiting.set(keyOf(call, state), round);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MAX_WAITING) break;
      this.#waiting.delete(oldest);
    }
  }

  /** The round that `call` goes on with, which is then over; null where it is a call of its own. */
  take(call: Call, state: string | null): Round | null {
    const key = keyOf(call, state);
    const round = this.#waiting.get(key) ?? null;
    this.#waiting.delete(key);
    return round;
  }
}

function keyOf({ upstream, agent, tool, args }: Call, state: string | null): string {
  return hash("sha256", JSON.stringify([upstream, agent, tool, args, state]));
}
