import type { Plugin } from "callgate/plugin";

interface Config {
  readonly max: number;
}

/**
 * Stops an agent that makes the same call again and again: the same tool with the same arguments, in any order, in
 * the same session, more than `max` times in ten minutes.
 */
export default {
  name: "no-loops",
  description: "The same call goes through only so often",
  config: { max: { type: "integer", minimum: 1, default: 5, description: "how often in ten minutes" } },
  counters: { same: { window: "10m" } },

  onCall(call, ctx) {
    const same = ctx.counter("same", call.session, call.tool, call.args);
    if (same.value >= ctx.config.max) {
      return ctx.deny(
        `The same call ${same.value} times in ten minutes: its answer will not change, try something else`,
      );
    }
    same.add();
  },
} satisfies Plugin<Config>;
