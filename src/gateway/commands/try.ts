/** Deciding without doing: nothing is counted, recorded or sent. */
import type { CallDetail } from "../../control/protocol.ts";
import { judgeCall } from "../../judging/judge-call.ts";
import { lookingAt } from "../../judging/rehearsing.ts";
import { OPERATOR } from "../operator/operator.ts";
import { termsOf } from "../pipeline.ts";
import { tried } from "../views/tried.ts";
import { firstWord, type Run } from "./command.ts";
import { argumentsFrom, toolAndArguments } from "./tools.ts";

/** A call as the operator would make it, under the rules, plugins, counters and operator's changes of now. */
export const tryCall: Run = async (gateway, argument): Promise<CallDetail> => {
  const { upstream, tool, args } = toolAndArguments(gateway, argument);
  const annotations = gateway.catalog(upstream).annotations(tool);
  const time = gateway.clock();
  const call = { tool, args, upstream, agent: OPERATOR, session: OPERATOR, time, annotations };
  const terms = termsOf({ call, withdrawn: () => null }, null, gateway);
  return tried(await judgeCall(call, gateway.ruleset(), lookingAt(gateway.store), terms));
};

/** A held call with other arguments, as if a person had approved of them. */
export const tryEdit: Run = async ({ holds }, argument): Promise<CallDetail> => {
  const [id, json] = firstWord(argument);
  return tried(await holds.rehearse(id, argumentsFrom(json)));
};
