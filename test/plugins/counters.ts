import { judgeCall } from "../../src/judging/judge-call.ts";
import { PLAIN_TERMS, type Ruling, type Terms } from "../../src/judging/rule.ts";
import type { LoadedPlugin } from "../../src/plugins/plugin.ts";
import { pluginOption, type Seat } from "../../src/plugins/seats.ts";
import type { Policy } from "../../src/policy/plan.ts";
import type { Call } from "../../src/policy/types.ts";
import { MemoryStore } from "../../src/state/memory.ts";
import type { Store } from "../../src/state/store.ts";
import { policyOf } from "../policy/helpers.ts";

const NO_RULES = policyOf('version: "1"\n');

export const seatsOf = (plugins: readonly LoadedPlugin[], shadow = false): Seat[] =>
  plugins.map((plugin) => ({ plugin, use: { ...pluginOption("p.ts", "."), shadow } }));

/** Calls judged by plugins, and by a policy's rules where one is given, on counters in memory. */
export class Counters {
  readonly store: Store;
  readonly #policy: Policy;

  constructor(policy: Policy = NO_RULES, store: Store = new MemoryStore()) {
    this.#policy = policy;
    this.store = store;
  }

  async rule(
    plugins: readonly LoadedPlugin[] | readonly Seat[],
    call: Call,
    terms: Partial<Terms> = {},
  ): Promise<Ruling> {
    const seats = plugins
      .map((each) => ("use" in each ? each : seatsOf([each])[0]))
      .filter((each) => each !== undefined);
    return judgeCall(call, { policy: this.#policy, seats }, this.store, { ...PLAIN_TERMS, ...terms });
  }

  /** "allow", or the verdict and its message. */
  async judge(plugins: readonly LoadedPlugin[], call: Call): Promise<string> {
    const { verdict, message } = (await this.rule(plugins, call)).decision;
    return verdict === "allow" ? verdict : `${verdict}: ${message}`;
  }

  /** In units, of all counters at the time. */
  values(time: number): number[] {
    return this.store.list(time, 100).map(({ used }) => Number(used) / 1_000_000);
  }
}
