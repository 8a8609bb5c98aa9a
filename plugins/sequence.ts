import type { Plugin } from "callgate/plugin";

interface Config {
  readonly rules: { readonly [tool: string]: { readonly after: string; readonly same: string } };
}

/**
 * A tool may only follow another in its session, such as a refund the look-up of its charge: with `same: charge`,
 * of that very charge.
 */
export default {
  name: "sequence",
  description: "A tool may only follow another",
  config: {
    rules: {
      type: "object",
      additionalProperties: {
        type: "object",
        properties: {
          after: { type: "string", description: "the tool that must come first" },
          same: { type: "string", default: "", description: "an argument that must be the same in both" },
        },
      },
      description: "by tool: { create_refund: { after: get_charge, same: charge } }",
    },
  },
  counters: { done: { window: "session" } },

  onCall(call, ctx) {
    // Servers differ in how they match names: a tool waits whatever its name's case, and only its own name counts as done.
    const fold = (name: string) => name.normalize("NFKC").trim().toLowerCase();
    const done = (tool: string, same: string) => ctx.counter("done", tool, same, call.args[same]);
    for (const [tool, { after, same }] of Object.entries(ctx.config.rules)) {
      if (fold(tool) === fold(call.tool) && done(after, same).value === 0) {
        const which = same === "" ? "" : ` of the same ${same}`;
        return ctx.deny(`${tool} may only follow ${after}${which}: call that first`);
      }
    }
    // Once for each pair of tool and argument, however many rules wait for it.
    const waited = Object.values(ctx.config.rules).filter(({ after }) => after === call.tool);
    for (const same of new Set(waited.map((rule) => rule.same))) done(call.tool, same).add();
  },
} satisfies Plugin<Config>;
