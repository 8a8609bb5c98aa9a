/** What an operator changes for now. */
import type { Run } from "./command.ts";

/** First the switch, then those that wait: none can slip through in between. */
export const kill: Run = ({ operator, holds }) => {
  operator.kill();
  const held = holds.ids();
  if (held.length > 0) holds.answer(held, { kind: "denied", message: "An operator has stopped all calls." });
  const those = held.length > 0 ? `, and the ${held.length} held ones were denied` : "";
  return `every call is denied from now on${those}; unkill takes it back`;
};

export const unkill: Run = ({ operator }) => {
  operator.unkill();
  return "the policy decides again";
};

export const block: Run = ({ operator }, words) => operator.block(words);

export const unblock: Run = ({ operator }, tool) => operator.unblock(tool);

export const allow: Run = ({ operator }, words) => operator.allow(words);

export const unallow: Run = ({ operator }, tool) => operator.unallow(tool);

export const hold: Run = ({ operator }, filter) => operator.hold(filter);

/** Calls that wait already stay with the person who is looking at them. */
export const resume: Run = ({ operator, holds }, filter) => {
  const said = operator.resume(filter);
  const waiting = holds.list().length;
  return waiting === 0 ? said : `${said}; ${waiting} held before still wait for an answer`;
};

export const shadow: Run = (gateway, word) => {
  if (word !== "on" && word !== "off") throw new Error("Expected shadow on or shadow off.");
  const changed = gateway.operator.setShadow(word === "on");
  if (changed) gateway.toolsChanged((catalog) => catalog.hasHidden(gateway.policy()));
  return word === "on"
    ? "nothing that the policy says is enforced from now on, until shadow off; kill, block and hold still are"
    : "what the policy says is enforced";
};
