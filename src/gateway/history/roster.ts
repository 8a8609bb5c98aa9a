import type { Call } from "../../policy/types.ts";
import { Latest } from "./latest.ts";

/** Sessions remembered, those that have ended too. */
const KEPT = 200;

/** Whom calls come from: a session, or over HTTP in the modern era, which has none, an agent. */
export interface Guest {
  /** Of the session. */
  readonly id: string;
  /** What the agent calls itself. */
  readonly agent: string;
  readonly upstream: string;
  modern: boolean;
  /** ms since the epoch. */
  readonly since: number;
  calls: number;
  denied: number;
  /** ms since the epoch of its last call; null before the first. */
  lastTime: number | null;
}

/** The agents that came, and what they called. */
export class Roster {
  readonly #guests = new Latest<Guest>(KEPT);

  /** An agent has said who it is, though it may never call anything. */
  met(guest: Pick<Guest, "id" | "agent" | "upstream" | "modern" | "since">): void {
    this.#guest(guest).modern = guest.modern;
  }

  called({ session: id, agent, upstream, time }: Omit<Call, "args">): Guest {
    const guest = this.#guest({ id, agent, upstream, modern: false, since: time });
    guest.calls++;
    guest.lastTime = time;
    return guest;
  }

  /** Heard of last, last. */
  list(): Guest[] {
    return this.#guests.list();
  }

  #guest({ id, agent, upstream, modern, since }: Parameters<Roster["met"]>[0]): Guest {
    return this.#guests.use(`${id}\n${upstream}\n${agent}`, () => ({
      id,
      agent,
      upstream,
      modern,
      since,
      calls: 0,
      denied: 0,
      lastTime: null,
    }));
  }
}
