/**
 * What a plugin is written against: `import type { Plugin } from "callgate/plugin"`. Types only; nothing here
 * exists at run time, where `ctx` brings all there is.
 */

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One `tools/call`. */
export interface Call {
  /** The tool's name, exactly as the agent sent it. */
  readonly tool: string;
  /** The arguments. Numbers that a double cannot hold are rounded to the nearest. */
  readonly args: { readonly [name: string]: Json };
  /** Name of the MCP server behind the gate. */
  readonly server: string;
  /** What the agent calls itself; "" where it does not say. */
  readonly agent: string;
  readonly session: string;
}

/** The result of a `tools/call`, as MCP defines it. */
export interface Result {
  readonly content?: Json;
  readonly structuredContent?: Json;
  readonly isError?: boolean;
  readonly [key: string]: Json | undefined;
}

/** One entry of the answer to `tools/list`. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly [key: string]: Json | undefined;
}

/** An instant as clocks and calendars show it. */
export interface LocalTime {
  /** `09:05`. */
  readonly time: string;
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
  readonly weekday: "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
  /** `2026-03-29`. */
  readonly date: string;
}

/** What was found and where, for the trace: `{ "args.sql": "DROP TABLE users" }`. */
export type Evidence = { readonly [where: string]: Json };

/** A counter as it stands before this call. */
export interface Counter {
  /** What allowed calls have added so far in the window. */
  readonly value: number;
  /**
   * Adds to the counter if this call goes ahead, in one step with the counters of the policy's rules.
   *
   * @param amount not negative, at most 6 decimal places; 1 where nothing is said
   */
  add(amount?: number): void;
}

/** What every hook is given. The same call gets the same context, now and in replay. */
export interface Context<Config = Settings> {
  /** The `config:` of the policy, checked against what the plugin declares. */
  readonly config: Config;
  /** When the call arrived, in ms since the epoch. `Date.now()` and `new Date()` say the same. */
  readonly now: number;
  /** `now` in the policy's `timezone`, UTC where it has none. */
  readonly time: LocalTime;
  /** `now` in another time zone. @throws RangeError for a zone that does not exist */
  timeIn(zone: string): LocalTime;
  /** From 0 to below 1, the same sequence for the same call. `Math.random()` is the same. Not for secrets. */
  random(): number;
  /** A line for the log and the screen: at most 20 a call, 500 characters each. `console.log` is the same. */
  log(...values: unknown[]): void;
}

/** What `onCall` may answer; nothing is an allow. */
export type CallAnswer =
  | { readonly verdict: "deny" | "ask"; readonly message: string; readonly evidence?: Evidence }
  | { readonly verdict: "edit"; readonly args: { readonly [name: string]: Json } };

export interface CallContext<Config = Settings> extends Context<Config> {
  /**
   * A counter that the plugin declares, one for each different key. Keys are compared as JSON, whatever the order
   * of an object's members.
   *
   * @throws RangeError for a name that is not declared
   */
  counter(name: string, ...key: readonly (Json | undefined)[]): Counter;
  /** The call is refused, and the agent reads `message`. */
  deny(message: string, evidence?: Evidence): CallAnswer;
  /** The call waits for a person, who reads `message`. */
  ask(message: string, evidence?: Evidence): CallAnswer;
  /** The call goes on with other arguments, if the policy's rules allow those. */
  edit(args: { readonly [name: string]: Json }): CallAnswer;
}

/** What `onResult` may answer; nothing lets the result pass as it is. */
export type ResultAnswer =
  | { readonly verdict: "replace"; readonly result: Result }
  | { readonly verdict: "block"; readonly message: string; readonly evidence?: Evidence };

export interface ResultContext<Config = Settings> extends Context<Config> {
  /** The agent gets this instead. */
  replace(result: Result): ResultAnswer;
  /**
   * Changes every text in the result, however deep, names of members in structured content and numbers of nine
   * digits and more as well; nothing where no text changes.
   *
   * @param what a pattern, of which every match becomes `mask`, or what to make of each text
   */
  redact(what: RegExp | ((text: string) => string), mask?: string): ResultAnswer | undefined;
  /** The agent gets `message` as an error instead. */
  block(message: string, evidence?: Evidence): ResultAnswer;
}

/** A command of the screen's command line: `:<plugin> <command> <words>`. */
export interface Command<Config = Settings> {
  /** One line for help and completion. */
  readonly help: string;
  /** Returns the text to show. */
  run(words: readonly string[], ctx: Context<Config> & Pick<CallContext<Config>, "counter">): string;
}

/** One setting, in JSON Schema's words. One without a `default` must be given. */
export type Setting = { readonly description?: string } & (
  | {
      readonly type: "string";
      readonly pattern?: string;
      readonly enum?: readonly string[];
      readonly default?: string;
    }
  | {
      readonly type: "number" | "integer";
      readonly minimum?: number;
      readonly maximum?: number;
      readonly default?: number;
    }
  | { readonly type: "boolean"; readonly default?: boolean }
  | { readonly type: "array"; readonly items: Setting; readonly default?: readonly Json[] }
  | {
      readonly type: "object";
      /** Members by name. */
      readonly properties?: { readonly [name: string]: Setting };
      /** What members of any other name are. */
      readonly additionalProperties?: Setting;
      readonly default?: { readonly [name: string]: Json };
    }
);

export type Settings = { readonly [name: string]: Json };

/** A plugin: the default export of its file. All hooks are synchronous and pure. */
export interface Plugin<Config = Settings> {
  /** Lower-case letters, digits and dashes; what denials and the screen call it. */
  readonly name: string;
  readonly description?: string;
  /** Declares the settings that a policy may give. */
  readonly config?: { readonly [K in keyof Config]: Setting };
  /** Declares counters. Windows are those of policies: minute, hour, day, week, month, 10m, session, forever. */
  readonly counters?: { readonly [name: string]: { readonly window: string } };
  readonly commands?: { readonly [name: string]: Command<Config> };
  /** Judges a call before the server sees it. */
  onCall?(call: Call, ctx: CallContext<Config>): CallAnswer | undefined;
  /** Looks at a result before the agent sees it. */
  onResult?(call: Call, result: Result, ctx: ResultContext<Config>): ResultAnswer | undefined;
  /** What the agent sees of the server's tools: the list or a part of it, in which all but names may change. */
  onTools?(tools: readonly Tool[], ctx: Context<Config>): readonly Tool[] | undefined;
}
