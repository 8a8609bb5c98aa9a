import type { Json, JsonObject } from "../wire/json.ts";
import type { ValueRoot } from "./conditions/paths.ts";
import { resultText } from "./results/result-text.ts";
import { localTime } from "./time/local-time.ts";
import type { ToolClass } from "./tools/classes.ts";
import type { Call } from "./types.ts";

/** What conditions are judged on: a call, and its result where there is one. */
export interface Subject {
  readonly call: Call;
  /** Of the tool called: one, or the several it could be of. */
  readonly classes: readonly ToolClass[];
  readonly result: JsonObject | null;
}

/** Gives what a path's root stands for, with the path's steps still to go. */
export type Reader = (subject: Subject) => Json | undefined;

/**
 * @param text the whole path
 * @param timezone of `now.*`
 */
export function readerOf(root: ValueRoot, text: string, timezone: string): Reader {
  // Not a member of results, but all their texts.
  if (text === "result.text") {
    return ({ result }): JsonObject => (result === null ? {} : { text: resultText(result) });
  }
  switch (root) {
    case "args":
      return ({ call }) => call.args;
    case "result":
      return ({ result }) => result ?? undefined;
    case "tool":
      return ({ call }) => ({ name: call.tool, annotations: call.annotations ?? null });
    case "server":
      return ({ call }) => call.upstream;
    case "agent":
      // An agent that gave no name has none.
      return ({ call }): JsonObject => (call.agent === "" ? {} : { name: call.agent });
    case "session":
      return ({ call }) => ({ id: call.session });
    case "now":
      return ({ call }) => ({ ...localTime(call.time, timezone) });
  }
}
