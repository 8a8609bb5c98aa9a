/** Answering held calls. */
import { firstWord, type Run } from "./command.ts";
import { argumentsFrom } from "./tools.ts";

export const approve: Run = ({ holds }, id) => holds.answer(id, { kind: "approved", edited: null });

export const deny: Run = ({ holds }, argument) => {
  const [id, message] = firstWord(argument);
  holds.answer(id, { kind: "denied", message: message === "" ? null : message });
};

export const edit: Run = ({ holds }, argument) => {
  const [id, json] = firstWord(argument);
  holds.answer(id, { kind: "approved", edited: argumentsFrom(json) });
};
