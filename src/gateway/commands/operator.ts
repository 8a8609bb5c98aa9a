/** What an operator changes for now. */
import type { Run } from "./command.ts";

/** First the switch, then those that wait: none can slip through in between. */
export const kill: Run = ({ operator, holds }) => {
  operator.kill();
  const held = holds.list();
  for (const { id } of held)
    holds.answer(id, { kind: "denied", message: "An operator has stopped all calls." });
  const those = held.length > 0 ? `, and the ${held.length} held ones were denied` : "";
  return `every call is denied from now on${those}; unkill takes it back`;
};

export const unkill: Run = ({ operator }) => {
  operator.unkill();
  return "the policy decides again";
};

export const block: Run = ({ operator }, words) => operator.block(words);

export const unblock: Run = ({ operator }, tool) => operator.unblock(tool);
