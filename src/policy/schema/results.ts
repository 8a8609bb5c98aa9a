import { RE2JS } from "re2js";
import { z } from "zod";
import { Complaint } from "../complaint.ts";
import { DETECTORS, type DetectorName } from "../results/redact/detectors.ts";
import { parseSize } from "../results/size.ts";
import { resultCondition } from "./conditions.ts";
import { attempt, complain, complainOf, name, some, text } from "./text.ts";

const detectorNames = Object.keys(DETECTORS) as [DetectorName, ...DetectorName[]];

const detector = z
  .union([
    z.enum(detectorNames),
    z
      .strictObject({
        regex: text((value) => {
          try {
            RE2JS.compile(value);
          } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            throw new Complaint(
              `regex does not compile: ${why}`,
              "RE2 syntax: no lookaround, no back-references",
            );
          }
        }).describe('a pattern in quotes, such as "ssn-[0-9]+"'),
        name: name("the name").describe("what stands in its place: [redacted <name>]"),
      })
      .describe("a mapping with regex and name"),
  ])
  .describe(`one of ${detectorNames.join(", ")}, or { regex: ..., name: ... }`);

const size = z
  .union([
    text(parseSize),
    z.number().superRefine((value, ctx) => attempt(() => parseSize(value), ctx, value)),
  ])
  .describe("bytes, or a size such as 64KB or 1MB");

const conditions = z.array(resultCondition);

export const resultRule = z
  .strictObject({
    name: name("the rule's name").describe("what denials and the screen call the rule"),
    when: conditions
      .default([])
      .describe("a list of conditions: where one of them does not hold, the rule is skipped"),
    conditions: conditions.default([]).describe("a list of conditions that must all hold"),
    action: z.enum(["evaluate", "deny"]).default("evaluate").describe("evaluate or deny"),
    max_bytes: size.optional(),
    redact: some(detector, "redact").optional().describe("a list of what is taken out of texts"),
    on_deny: z.string().optional().describe("what the agent is told in place of the result"),
  })
  .superRefine((value, ctx) => {
    const { action, conditions, redact, max_bytes } = value;
    if (action === "deny") {
      for (const [key, given] of Object.entries({ redact, max_bytes })) {
        if (given === undefined) continue;
        complainOf(
          ctx,
          value,
          key,
          `a rule with action: deny takes no ${key}`,
          `remove ${key}, or action: deny`,
        );
      }
    } else if (conditions.length === 0 && redact === undefined && max_bytes === undefined) {
      const help = "give it redact, max_bytes or conditions; or action: deny";
      attempt(() => complain(`rule ${JSON.stringify(value.name)} does nothing`, help), ctx, value);
    }
  })
  .describe("a mapping with name, and redact, max_bytes or conditions");

export const resultRules = z
  .strictObject({ rules: z.array(resultRule).describe("a list of rules") })
  .describe("a mapping with rules");

export type ResultRuleText = z.output<typeof resultRule>;
