/** Answering held calls. */

import type { Answer } from "../calls/holds.ts";
import type { Gateway } from "../gateway.ts";
import { firstWord, type Run } from "./command.ts";
import { argumentsFrom } from "./tools.ts";

export const approve: Run = (gateway, ids) => {
  return `approved ${answered(gateway, ids, { kind: "approved", edited: null })}`;
};

export const deny: Run = (gateway, argument) => {
  const [ids, message] = firstWord(argument);
  return `denied ${answered(gateway, ids, { kind: "denied", message: message === "" ? null : message })}`;
};

export const edit: Run = ({ holds }, argument) => {
  const [id, json] = firstWord(argument);
  holds.answer([id], { kind: "approved", edited: argumentsFrom(json) });
};

/** Answers the calls of these ids, with commas between them, or all; says how many that were. */
function answered({ holds }: Gateway, ids: string, answer: Answer): string {
  const meant = ids === "all" ? holds.ids() : ids.split(",");
  const done = holds.answer(meant, answer);
  if (done < meant.length) return `${done} of ${meant.length} calls: the others were no longer held`;
  return done === 1 ? "1 call" : `${done} calls`;
}
