import type { AuditLog } from "../../src/audit/log.ts";
import { Holds } from "../../src/gateway/calls/holds.ts";
import type { Judgement } from "../../src/gateway/calls/judgement.ts";
import { Rounds } from "../../src/gateway/calls/rounds.ts";
import { Tasks } from "../../src/gateway/calls/tasks.ts";
import { Catalog } from "../../src/gateway/catalog.ts";
import type { Gate } from "../../src/gateway/gate.ts";
import { CallHistory } from "../../src/gateway/history/history.ts";
import { Operator } from "../../src/gateway/operator/operator.ts";
import { Turn } from "../../src/gateway/turn.ts";
import type { Ruleset } from "../../src/judging/ruleset.ts";
import type { Seat } from "../../src/plugins/seats.ts";
import type { Policy } from "../../src/policy/compile/compile.ts";
import type { Store } from "../../src/state/store.ts";
import { StoreError } from "../../src/state/store-error.ts";
import type { JsonObject } from "../../src/wire/json.ts";

interface Parts {
  readonly policy: () => Policy;
  readonly seats?: readonly Seat[];
  readonly store: Store;
  readonly audit: AuditLog;
  readonly clock: () => number;
  readonly shadow?: boolean;
}

/** All that judging a call needs, without a wire; calls whose counters cannot be reached go uncounted. */
export function gateOver({ policy, seats = [], store, audit, clock, shadow = false }: Parts): Gate {
  const turn = new Turn(store, audit, (error) => {
    throw error;
  });
  const catalog = new Catalog("up");
  const operator = new Operator(clock, (body) => audit.append(body), shadow);
  const rulesets = new Map<Policy, Ruleset>();
  const ruleset = () => {
    const known = rulesets.get(policy()) ?? { policy: policy(), seats };
    rulesets.set(policy(), known);
    return known;
  };
  return {
    ruleset,
    policy,
    operator,
    store,
    audit,
    turn,
    history: new CallHistory(),
    rounds: new Rounds(),
    tasks: new Tasks(),
    holds: new Holds(clock),
    catalog: () => catalog,
    sessions: new Set(),
    get shadow() {
      return operator.shadow;
    },
    stateFailMode: "open",
    clock,
    refused: () => {},
    note: () => {},
    warn: () => {},
    attempt(work) {
      try {
        work();
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
      }
    },
  };
}

/** What is there at once, as everything is where no plugin is asked. */
export function now<T>(value: T | Promise<T>): T {
  if (value instanceof Promise) throw new Error("it is not there yet");
  return value;
}

/** A person says yes. */
export const approved = (judgement: Judgement, edited: JsonObject | null = null): Judgement =>
  now(judgement.approve(edited, () => null));

/** A store that cannot be reached while it is down. */
export function failing(store: Store, down: () => boolean): Store {
  const check = () => {
    if (down()) throw new StoreError("the state file cannot be reached.");
  };
  return {
    reserve(needs, time, judge) {
      check();
      return store.reserve(needs, time, judge);
    },
    refund(reservation, which) {
      check();
      store.refund(reservation, which);
    },
    set(need, value, time) {
      check();
      return store.set(need, value, time);
    },
    commit: () => store.commit(),
    list: (time, limit) => store.list(time, limit),
    close: () => store.close(),
  };
}
