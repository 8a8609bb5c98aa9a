/** Answering held calls. */
import { isObject, type JsonObject } from "../../wire/json.ts";
import { parseStrict } from "../../wire/parse.ts";
import { firstWord, type Run } from "./command.ts";

export const approve: Run = ({ holds }, id) => holds.answer(id, { kind: "approved", edited: null });

export const deny: Run = ({ holds }, argument) => {
  const [id, message] = firstWord(argument);
  holds.answer(id, { kind: "denied", message: message === "" ? null : message });
};

export const edit: Run = ({ holds }, argument) => {
  const [id, json] = firstWord(argument);
  holds.answer(id, { kind: "approved", edited: argumentsFrom(json) });
};

/** @throws Error saying where the JSON is wrong */
function argumentsFrom(text: string): JsonObject {
  const value = parseStrict(text);
  if (!isObject(value)) throw new Error("The arguments must be a JSON object.");
  return value;
}
