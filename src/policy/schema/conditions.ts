import { z } from "zod";
import { Complaint } from "../complaint.ts";
import type { ConditionText } from "../conditions/condition-text.ts";
import { compileTests } from "../conditions/conditions.ts";
import { OPERATORS, type OperatorName } from "../conditions/operators.ts";
import { type Path, parsePath } from "../conditions/paths.ts";
import { attempt, complain, some, text } from "./text.ts";

const operatorNames = Object.keys(OPERATORS) as [OperatorName, ...OperatorName[]];

/** Where conditions stand: rules about calls, or about results. */
type Place = "call" | "result";

function checkRoot({ root, text }: Path, place: Place): void {
  if (place === "call" && root === "result") {
    complain(`a rule about calls cannot know ${text}`, "put it into results:, or write args.<name>");
  }
  if (place === "result" && root === "state") {
    complain(`a rule about results reads no counters: ${text}`, "limit the call itself, under tools:");
  }
}

function comparison(place: Place) {
  const path = text((value) => checkRoot(parsePath(value), place));
  return z
    .strictObject({
      path: path.describe(
        place === "call"
          ? "args.<name> or state.<tool>.<counter>"
          : "result.<name>, result.text or args.<name>",
      ),
      op: z.enum(operatorNames).describe("how the value at the path is compared"),
      value: z.unknown().describe("what it is compared with"),
    })
    .superRefine((value, ctx) => {
      attempt(() => compileTests(pathOrStandIn(value.path), value.op, value.value), ctx, value, "value");
    })
    .describe("a mapping with path, op and value");
}

/** A path that cannot be read has its own complaint: the value is then checked as an argument's would be. */
function pathOrStandIn(text: string): Path {
  try {
    return parsePath(text);
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    return { root: "args", text, steps: [], quantified: false };
  }
}

function conditionOf(place: Place): z.ZodType<ConditionText, ConditionText> {
  const condition: z.ZodType<ConditionText, ConditionText> = z.lazy(() => union);
  const union = z
    .union([
      comparison(place),
      z
        .strictObject({ any: some(condition, "any").describe("a list of conditions of which one must hold") })
        .describe("a mapping with any"),
      z
        .strictObject({ all: some(condition, "all").describe("a list of conditions that must all hold") })
        .describe("a mapping with all"),
      z
        .strictObject({ not: condition.describe("a condition that must not hold") })
        .describe("a mapping with not"),
    ])
    .describe("a mapping with path, op and value; or with any, all or not");
  return condition;
}

export const callCondition = conditionOf("call");
export const resultCondition = conditionOf("result");
