import { isObject, type JsonObject } from "../../wire/json.ts";
import { parseStrict } from "../../wire/parse.ts";
import type { Gateway } from "../gateway.ts";
import { firstWord } from "./command.ts";

/** A tool of one of the gateway's servers, and what to call it with. */
export interface ToolAndArguments {
  readonly upstream: string;
  readonly tool: string;
  readonly args: JsonObject;
}

/**
 * Reads `TOOL [JSON]`, where the tool may come with its server: `payments/create_charge {"amount": 5}`.
 *
 * @throws Error saying what was expected
 */
export function toolAndArguments(gateway: Gateway, argument: string): ToolAndArguments {
  const [word, json] = firstWord(argument);
  return { ...toolNamed(gateway, word), args: json === "" ? {} : argumentsFrom(json) };
}

/** @throws Error saying where the JSON is wrong */
export function argumentsFrom(text: string): JsonObject {
  const value = parseStrict(text);
  if (!isObject(value)) throw new Error('The arguments must be a JSON object, as in {"amount": 500}.');
  return value;
}

function toolNamed(gateway: Gateway, word: string): { upstream: string; tool: string } {
  const names = gateway.upstreams.map(({ name }) => name);
  const [, server = "", rest = ""] = /^([^/]*)\/(.+)$/s.exec(word) ?? [];
  if (names.includes(server)) return { upstream: server, tool: rest };
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return { upstream: only, tool: word };
  const listing = names.filter((name) => gateway.catalog(name).lists(word));
  const [first, ...more] = listing;
  if (first !== undefined && more.length === 0) return { upstream: first, tool: word };
  const candidates = listing.length > 0 ? listing : names;
  throw new Error(`Which server's ${word}? ${candidates.map((name) => `${name}/${word}`).join(", ")}.`);
}
