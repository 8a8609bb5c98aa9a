import type { Plugin } from "callgate/plugin";

interface Config {
  readonly limit: number;
  readonly ask_above: number;
  readonly amount: string;
  readonly customer: string;
}

/**
 * Limits what is spent on each customer in a day, over all tools that the entry names. The counter is shared with
 * the other gateways of the machine, and what a call adds is given back where the server refuses it.
 */
export default {
  name: "spend-by-customer",
  description: "A daily limit for each customer",
  config: {
    limit: { type: "number", minimum: 0, description: "most a day, in the unit of the amounts" },
    ask_above: {
      type: "number",
      minimum: 0,
      default: 1e12,
      description: "a day's total above which a person looks",
    },
    amount: { type: "string", default: "amount", description: "the argument that is the amount" },
    customer: { type: "string", default: "customer", description: "the argument that is the customer" },
  },
  counters: { spend: { window: "day" } },

  onCall(call, ctx) {
    const { limit, ask_above } = ctx.config;
    const amount = call.args[ctx.config.amount];
    const customer = call.args[ctx.config.customer];
    if (typeof amount !== "number" || amount < 0)
      return ctx.deny(`${ctx.config.amount} must be a number from 0`);
    if (typeof customer !== "string") return ctx.deny(`${ctx.config.customer} must be text`);
    const spend = ctx.counter("spend", customer.normalize("NFKC").trim().toLowerCase());
    const total = spend.value + amount;
    if (total > limit) {
      return ctx.deny(
        `${customer} has had ${spend.value} today: ${amount} more is over the limit of ${limit}`,
      );
    }
    spend.add(amount);
    if (total > ask_above) return ctx.ask(`${customer} would have had ${total} today`);
  },
} satisfies Plugin<Config>;
