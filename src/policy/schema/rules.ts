import { z } from "zod";
import { Complaint } from "../complaint.ts";
import { RATE_COUNTER } from "../counters/counters.ts";
import { DECIMAL_RULES, decimal } from "../counters/decimal.ts";
import { parseRate } from "../counters/window.ts";
import { parseDuration } from "../time/duration.ts";
import { callCondition } from "./conditions.ts";
import {
  amountPath,
  attempt,
  complain,
  complainOf,
  name,
  per,
  type Refinement,
  text,
  windowName,
} from "./text.ts";

export const onError = z
  .enum(["refund", "keep"])
  .default("keep")
  .describe("refund or keep the amount when the tool answers with an error");

export const allowNegative = z
  .boolean()
  .default(false)
  .describe("true where amounts below zero are meant to lower the counter");

const state = z
  .strictObject({
    counter: text((value) => {
      if (!/^[^\s.]+$/.test(value)) {
        throw new Complaint(
          `counter name ${JSON.stringify(value)} has a dot or a space in it, or is empty`,
          "write a name such as daily_spend: conditions read it as state.<tool>.daily_spend",
        );
      }
      if (value === RATE_COUNTER) {
        throw new Complaint(`counter name "${RATE_COUNTER}" is taken by rate_limit`, "choose another name");
      }
    }).describe("the counter's name, such as daily_spend"),
    window: windowName,
    increment: z.number().optional().describe("how much a call adds, 1 where nothing is said"),
    increment_from: amountPath
      .optional()
      .describe("where the amount that a call adds is, such as args.amount"),
    per: per.optional(),
    allow_negative: allowNegative,
    on_error: onError,
  })
  .superRefine((value, ctx) => {
    const { increment, increment_from, allow_negative } = value;
    const micros = decimal(increment ?? 1, allow_negative);
    if (typeof micros === "string") {
      const message = `increment ${increment}: ${DECIMAL_RULES[micros]}`;
      complainOf(ctx, value, "increment", message, "write a number such as 1");
    }
    if (increment !== undefined && increment_from !== undefined) {
      complainOf(
        ctx,
        value,
        "increment_from",
        "increment and increment_from are both given",
        "keep one of them",
      );
    }
  })
  .describe("a mapping with counter and window");

const conditions = z.array(callCondition);

const parts = {
  name: name("the rule's name").describe("what denials and the screen call the rule"),
  when: conditions
    .default([])
    .describe("a list of conditions: where one of them does not hold, the rule is skipped"),
  conditions: conditions.default([]).describe("a list of conditions that must all hold"),
  action: z.enum(["evaluate", "deny", "ask"]).default("evaluate").describe("evaluate, deny or ask"),
  on_deny: z.string().optional().describe("what the agent is told"),
  timeout: text(parseDuration).optional().describe("how long an ask waits for a person, such as 2m"),
  rate_limit: text((value) => parseRate(value))
    .optional()
    .describe("a number of calls in a window, such as 60/minute"),
  per: per.optional(),
};

export const rule = z
  .strictObject({
    ...parts,
    state: state
      .optional()
      .describe("a counter that allowed calls add to: a mapping with counter and window"),
  })
  .superRefine(checkRule)
  .describe("a mapping with name and conditions");

/** A rule about a request for a resource or a prompt: one about a tool without counters of its own. */
export const requestRule = z
  .strictObject(parts)
  .superRefine((value, ctx) => checkRule(value, ctx))
  .describe("a mapping with name and conditions");

interface Parts extends z.output<z.ZodObject<typeof parts>> {
  readonly state?: unknown;
}

function checkRule(value: Parts, ctx: Refinement): void {
  const { action, conditions, rate_limit, state, timeout, per } = value;
  if (timeout !== undefined && action !== "ask") {
    complainOf(ctx, value, "timeout", "timeout is for rules that ask", "remove it, or add action: ask");
  }
  if (per !== undefined && rate_limit === undefined) {
    complainOf(
      ctx,
      value,
      "per",
      "per goes with rate_limit",
      "for a counter of your own, put per into state",
    );
  }
  if (action !== "evaluate") {
    for (const [key, given] of Object.entries({ rate_limit, state })) {
      if (given === undefined) continue;
      const help = `remove ${key}, or action: ${action}`;
      complainOf(ctx, value, key, `a rule with action: ${action} takes no ${key}`, help);
    }
  } else if (conditions.length === 0 && rate_limit === undefined && state === undefined) {
    const help = "give it conditions, a rate_limit or a state; or action: deny";
    attempt(() => complain(`rule ${JSON.stringify(value.name)} does nothing`, help), ctx, value);
  }
}

export type RuleText = z.output<typeof rule>;
export type RequestRuleText = z.output<typeof requestRule>;
export type StateText = z.output<typeof state>;
