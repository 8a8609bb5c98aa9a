/**
 * The policy file's definition. Descriptions are the help that a wrong value gets, and what editors show.
 * What crosses nodes (counters, names of rules) is in references.ts.
 */
import { z } from "zod";
import { Complaint } from "./complaint.ts";
import { compileTests } from "./conditions.ts";
import { RATE_COUNTER } from "./counters.ts";
import { DECIMAL_RULES, decimal } from "./decimal.ts";
import { OPERATORS, type OperatorName } from "./operators.ts";
import { parsePath } from "./paths.ts";
import { parseRate, parseTimezone, parseWindow } from "./window.ts";

type Refinement = { addIssue(issue: z.core.$ZodRawIssue): void };

/** Runs what reads a value later, and turns its complaint into an issue at the value's own place. */
function attempt(read: () => unknown, ctx: Refinement, input: unknown, key: string | null = null): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    const at = error.key ?? key;
    const path = at === null ? [] : [at];
    ctx.addIssue({ code: "custom", message: error.message, params: { help: error.help }, path, input });
  }
}

/** Text that `read` understands. */
const text = (read: (value: string) => unknown) =>
  z.string().superRefine((value, ctx) => attempt(() => read(value), ctx, value));

const name = (what: string) =>
  text((value) => {
    if (value.trim() === "") throw new Complaint(`${what} is empty`, "write a name");
  });

const operatorNames = Object.keys(OPERATORS) as [OperatorName, ...OperatorName[]];

const condition = z
  .strictObject({
    path: text(parsePath).describe("args.<name> or state.<tool>.<counter>"),
    op: z.enum(operatorNames).describe("how the value at the path is compared"),
    value: z.unknown().describe("what it is compared with"),
  })
  .superRefine((value, ctx) => {
    // By its root alone: a path that cannot be read has its own complaint.
    const root = value.path.startsWith("state.") ? "state" : "args";
    attempt(() => compileTests(root, value.op, value.value), ctx, value, "value");
  })
  .describe("a mapping with path, op and value");

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
    window: text((value) => parseWindow(value)).describe(
      "minute, hour, day, week, month, session, forever, or a duration such as 10m",
    ),
    increment: z
      .number()
      .superRefine((value, ctx) =>
        attempt(
          () => {
            const micros = decimal(value);
            if (typeof micros === "string") {
              throw new Complaint(`increment ${value}: ${DECIMAL_RULES[micros]}`, "write a number such as 1");
            }
          },
          ctx,
          value,
        ),
      )
      .optional()
      .describe("how much a call adds, 1 where nothing is said"),
    increment_from: text((value) => {
      if (parsePath(value).root !== "args") {
        throw new Complaint("increment_from reads an argument", "write args.<name>");
      }
    })
      .optional()
      .describe("where the amount that a call adds is, such as args.amount"),
  })
  .superRefine((value, ctx) =>
    attempt(
      () => {
        if (value.increment !== undefined && value.increment_from !== undefined) {
          throw new Complaint("increment and increment_from are both given", "keep one of them");
        }
      },
      ctx,
      value,
      "increment_from",
    ),
  )
  .describe("a mapping with counter and window");

const rule = z
  .strictObject({
    name: name("the rule's name").describe("what denials and the screen call the rule"),
    conditions: z.array(condition).default([]).describe("a list of conditions that must all hold"),
    action: z.enum(["evaluate", "deny"]).default("evaluate").describe("evaluate or deny"),
    on_deny: z.string().optional().describe("what the agent is told"),
    rate_limit: text((value) => parseRate(value))
      .optional()
      .describe("a number of calls in a window, such as 60/minute"),
    state: state
      .optional()
      .describe("a counter that allowed calls add to: a mapping with counter and window"),
  })
  .superRefine((value, ctx) => {
    const { action, conditions, rate_limit, state } = value;
    if (action === "deny") {
      for (const [key, given] of Object.entries({ rate_limit, state })) {
        if (given === undefined) continue;
        const help = `remove ${key}, or action: deny`;
        attempt(() => complain(`a rule with action: deny takes no ${key}`, help), ctx, value, key);
      }
    } else if (conditions.length === 0 && rate_limit === undefined && state === undefined) {
      const help = "give it conditions, a rate_limit or a state; or action: deny";
      attempt(() => complain(`rule ${JSON.stringify(value.name)} does nothing`, help), ctx, value);
    }
  })
  .describe("a mapping with name and conditions");

function complain(message: string, help: string): never {
  throw new Complaint(message, help);
}

const tool = z
  .strictObject({ rules: z.array(rule).describe("a list of rules") })
  .describe("a mapping with rules");

export const policyFile = z
  .strictObject({
    version: z.literal("1").describe('write version: "1"'),
    description: z.string().optional().describe("text about the file"),
    timezone: text(parseTimezone)
      .transform(parseTimezone)
      .default("UTC")
      .describe("IANA time zone of calendar windows, such as Europe/London; UTC where nothing is said"),
    default: z.enum(["allow", "deny"]).default("allow").describe("allow or deny tools that are not listed"),
    hide: z.array(name("the hidden tool's name")).default([]).describe("a list of tool names"),
    tools: z.record(z.string(), tool).default({}).describe('a mapping from tool names, or "*", to rules'),
  })
  .describe("a mapping with version and tools");

export type PolicyFile = z.output<typeof policyFile>;
export type RuleText = z.output<typeof rule>;
export type StateText = z.output<typeof state>;
