import type { Plugin } from "callgate/plugin";

/** Looks at one argument and lets the call pass: what remains is what asking a plugin costs. */
export default {
  name: "nothing",
  onCall(call, ctx) {
    if (typeof call.args.amount === "number" && call.args.amount > 1e6) return ctx.deny("too much");
  },
} satisfies Plugin;
