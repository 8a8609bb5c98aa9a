import { z } from "zod";
import { DECIMAL_RULES, decimal } from "../counters/decimal.ts";
import { allowNegative, onError } from "./rules.ts";
import { amountPath, complainOf, per, windowName } from "./text.ts";

const amount = z
  .union([amountPath, z.number()])
  .describe("what a call takes from the budget: an argument such as args.amount, or a number");

export const budget = z
  .strictObject({
    limit: z.number().describe("how much there is in a window"),
    window: windowName,
    per: per.optional(),
    tools: z.record(z.string(), amount).describe("a mapping from tools to what a call of them takes"),
    on_deny: z.string().optional().describe("what the agent is told"),
    allow_negative: allowNegative,
    on_error: onError,
  })
  .superRefine((value, ctx) => {
    const limit = decimal(value.limit);
    if (typeof limit === "string") {
      complainOf(
        ctx,
        value,
        "limit",
        `limit ${value.limit}: ${DECIMAL_RULES[limit]}`,
        "write a number such as 5000",
      );
    }
    for (const [tool, taken] of Object.entries(value.tools)) {
      const micros = typeof taken === "number" ? decimal(taken, value.allow_negative) : 0n;
      if (typeof micros !== "string") continue;
      const message = `${tool} takes ${taken}: ${DECIMAL_RULES[micros]}`;
      ctx.addIssue({
        code: "custom",
        message,
        params: { help: "write a number such as 1" },
        path: ["tools", tool],
        input: value,
      });
    }
  })
  .describe("a mapping with limit, window and tools");

export type BudgetText = z.output<typeof budget>;
