import type { CounterNeed, Window } from "../policy/types.ts";

/** Increments that were applied together and can be given back together. */
export interface Reservation {
  /** Each with the start (ms since the epoch) of the window it was applied in. */
  readonly entries: readonly { readonly need: CounterNeed; readonly windowStart: number }[];
}

export interface CounterValue {
  readonly upstream: string;
  readonly scope: string;
  readonly counter: string;
  readonly window: Window;
  readonly partition: string;
  /** Micros (millionths). */
  readonly used: bigint;
  /** ms since the epoch when it starts again at zero; null where it never does. */
  readonly resetsAt: number | null;
}

/**
 * Counters that outlive the agent and are shared by every gateway of the machine.
 * Every method throws `StoreError` when the store cannot be reached or trusted.
 */
export interface Store {
  /**
   * In one step: reads every need's counter as of `time`, hands the values (micros, by need id) to
   * `judge`, and applies the increments it returns, all or none. Later steps of this process see them at
   * once; they are durable, and other processes go on, after `commit`.
   */
  reserve<T extends { readonly increments: readonly CounterNeed[] }>(
    needs: readonly CounterNeed[],
    time: number,
    judge: (before: ReadonlyMap<string, bigint>) => T,
  ): { judged: T; reservation: Reservation | null };

  /**
   * Gives a reservation back, once, in the windows it was made in; durable after `commit`.
   * @param which the part of it to give back; by default all.
   */
  refund(reservation: Reservation, which?: (need: CounterNeed) => boolean): void;

  /**
   * Makes a counter stand at `value` (micros) in its window that contains `time`, whatever was counted there;
   * durable after `commit`. What is given back later is taken off the new value.
   *
   * @returns the value it had, in micros
   */
  set(need: CounterNeed, value: bigint, time: number): bigint;

  /**
   * Makes everything since the last commit durable. To be called at the end of the turn of the event loop: until
   * then other processes wait. Where it throws, none of it is in force.
   */
  commit(): void;

  /** Current values of counters with a row in a window that contains `time`; for the screen. At most `limit` rows. */
  list(time: number, limit: number): CounterValue[];

  close(): void;
}

/** The part of a store that judging a call needs. */
export type Reserving = Pick<Store, "reserve" | "refund">;
