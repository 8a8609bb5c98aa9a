import type { z } from "zod";
import { fold } from "../fold.ts";
import { nameMatches } from "../policy/tools/names.ts";
import type { Call, Window } from "../policy/types.ts";
import { isObject, type Json, type JsonObject } from "../wire/json.ts";
import { callAnswer, commandAnswer, explain, readReply, resultAnswer, toolsAnswer } from "./answers.ts";
import type { Description } from "./description.ts";
import { restoreExact } from "./exact.ts";
import { type Failure, failureOf, failureOfError, failureText } from "./failure.ts";
import type { Hook } from "./frames.ts";
import { type Place, placeIn } from "./places.ts";
import { type Reading, readingsOf, toldOf } from "./readings.ts";
import type { PluginSpec } from "./spec.ts";
import type { Supervisor } from "./supervisor.ts";
import { tooMuch } from "./weight.ts";

/** What a plugin thinks of a call. Where it failed, that is what `on_error` says. */
export interface Opinion {
  readonly verdict: "allow" | "deny" | "ask" | "edit";
  /** What the agent (deny) or a person (ask) reads; "" otherwise. */
  readonly message: string;
  /** The arguments to go on with, where the verdict is edit. */
  readonly args: JsonObject | null;
  /** What the plugin found and where. */
  readonly evidence: JsonObject;
  /** Where in the plugin's files the verdict was given, or what failed. */
  readonly place: Place;
  /** Counters it looked at; those of a call that goes ahead are reserved. */
  readonly readings: readonly Reading[];
  readonly failure: Failure | null;
}

/** What a plugin makes of a result. */
export interface ResultOpinion {
  readonly verdict: "pass" | "replace" | "block";
  /** What the agent reads instead of a blocked result. */
  readonly message: string;
  readonly result: JsonObject | null;
  readonly evidence: JsonObject;
  readonly place: Place;
  readonly failure: Failure | null;
}

/** What makes up a version of a plugin. */
export interface PluginParts {
  readonly spec: PluginSpec;
  readonly description: Description;
  readonly windows: Readonly<Record<string, Window>>;
  /** Files as problems and stacks name them, the plugin's own first. */
  readonly files: readonly string[];
  /** SHA-256 over all its files, hex. */
  readonly hash: string;
  /** The version's number in the host. */
  readonly id: number;
}

/** Lines that a plugin logged. */
export type PluginLog = (plugin: string, lines: readonly string[]) => void;

type Asked<T> =
  | { readonly value: T | undefined; readonly readings: readonly Reading[]; readonly failure: null }
  | { readonly failure: Failure };

/** What most calls get: no answer, nothing counted, nothing logged. */
const NOTHING = { value: undefined, readings: [], failure: null };

/** One version of a plugin, ready to be asked. Its methods never reject: what goes wrong is a `failure`. */
export class LoadedPlugin {
  readonly parts: PluginParts;
  /** ms since the epoch. */
  readonly loadedAt = Date.now();
  /** Calls it was asked about. */
  asked = 0;
  readonly #supervisor: Supervisor;
  readonly #log: PluginLog;

  constructor(parts: PluginParts, supervisor: Supervisor, log: PluginLog) {
    this.parts = parts;
    this.#supervisor = supervisor;
    this.#log = log;
  }

  get name(): string {
    return this.parts.description.name;
  }

  get hash(): string {
    return this.parts.hash;
  }

  /** Whether it counts: then what it answers holds only while its counters stand where it saw them. */
  get counts(): boolean {
    return Object.keys(this.parts.windows).length > 0;
  }

  /** Why it is not asked any more: it crashed too often. null while it is. */
  get disabled(): string | null {
    return this.#supervisor.disabled(this.parts.id);
  }

  has(hook: "onCall" | "onResult" | "onTools"): boolean {
    return this.parts.description.hooks.includes(hook);
  }

  /** Whether it is for the tool, or for one that some server may take for the same. */
  appliesTo(tool: string): boolean {
    const loose = fold(tool);
    return this.parts.spec.tools.some((each) => nameMatches(each, tool) || nameMatches(fold(each), loose));
  }

  /** @param known counters as they stand: the readings of an earlier opinion on the call, refreshed */
  async onCall(call: Call, known: readonly Reading[] = []): Promise<Opinion> {
    const input = { now: call.time, call: shownCall(call), known: toldOf(known) };
    if (known.length === 0) this.asked++;
    const asked = await this.#ask("onCall", input, callAnswer, call, known);
    const base = { message: "", args: null, evidence: {}, place: this.#start, readings: [], failure: null };
    if (asked.failure !== null)
      return { ...base, ...this.#failed(asked.failure), verdict: this.parts.spec.on_error };
    const { value, readings } = asked;
    if (value === undefined) return { ...base, verdict: "allow", readings };
    if (value.verdict === "edit") {
      const args = restoreExact(call.args, value.args);
      return { ...base, verdict: "edit", args: isObject(args) ? args : value.args, readings };
    }
    const { verdict, message, evidence = {}, stack } = value;
    return { ...base, verdict, message, evidence, place: this.#placeOf(stack), readings };
  }

  async onResult(call: Call, result: JsonObject): Promise<ResultOpinion> {
    const input = { now: call.time, call: shownCall(call), result };
    const asked = await this.#ask("onResult", input, resultAnswer, call);
    const base = { message: "", result: null, evidence: {}, place: this.#start, failure: null };
    if (asked.failure !== null) {
      const verdict = this.parts.spec.on_error === "allow" ? "pass" : "block";
      return { ...base, ...this.#failed(asked.failure), verdict };
    }
    const { value } = asked;
    if (value === undefined) return { ...base, verdict: "pass" };
    if (value.verdict === "replace") {
      const restored = restoreExact(result, value.result);
      return { ...base, verdict: "replace", result: isObject(restored) ? restored : value.result };
    }
    const { message, evidence = {}, stack } = value;
    return { ...base, verdict: "block", message, evidence, place: this.#placeOf(stack) };
  }

  /**
   * What the agent sees of a server's tools. Hiding is no protection: calls are judged by `onCall`. So where the
   * plugin fails, all are shown.
   *
   * @param now ms since the epoch
   */
  async onTools(
    tools: readonly JsonObject[],
    now: number,
  ): Promise<{ tools: readonly JsonObject[]; failure: Failure | null }> {
    const names = new Set(tools.flatMap(({ name }) => (typeof name === "string" ? [name] : [])));
    const asked = await this.#ask("onTools", { now, tools }, toolsAnswer(names));
    if (asked.failure !== null) return { tools, failure: asked.failure };
    const { value = tools } = asked;
    const byName = new Map(tools.map((tool) => [tool.name, tool]));
    const restored = value.map((tool) => restoreExact(byName.get(tool.name ?? null) ?? null, tool));
    return { tools: restored.filter(isObject), failure: null };
  }

  /**
   * Runs one of the plugin's commands. It sees counters, which it cannot change.
   *
   * @param call whose upstream and session counters are looked up for; its arguments are not shown
   */
  async command(
    name: string,
    words: readonly string[],
    call: Call,
    known: readonly Reading[] = [],
  ): Promise<{ text: string; readings: readonly Reading[]; failure: Failure | null }> {
    const input = { now: call.time, name, words, known: toldOf(known) };
    const asked = await this.#ask("command", input, commandAnswer, call, known);
    if (asked.failure !== null)
      return { text: failureText(asked.failure), readings: [], failure: asked.failure };
    return { text: asked.value ?? "", readings: asked.readings, failure: null };
  }

  /** Lets go of it. What it is being asked still gets its answer. */
  release(): void {
    this.#supervisor.release(this.parts.id);
  }

  async #ask<T>(
    hook: Hook,
    input: object,
    schema: z.ZodType<T>,
    call: Call | null = null,
    known: readonly Reading[] = [],
  ): Promise<Asked<T>> {
    const { spec, files, id, windows } = this.parts;
    const malformed = (reason: string): { failure: Failure } => ({
      failure: { kind: "malformed", reason, place: null },
    });
    const text = written(input);
    if (text === null) return malformed("it cannot be asked about what is nested so deep");
    if (tooMuch(text, spec.memory))
      return malformed(`${spec.memory} MB of memory are too few for it to be asked about so much`);
    const answered = await this.#supervisor.ask(hook, id, spec.timeout, text);
    if (!answered.ok) return { failure: failureOf(answered.fault, spec, files) };
    if (answered.text === "{}") return NOTHING;
    if (tooMuch(answered.text, spec.memory)) return malformed("its answer is malformed: it is too long");
    const said = readReply(answered.text);
    if (typeof said === "string") return malformed(said);
    const { value, error, malformed: wrong, lines, uses } = said;
    if (lines.length > 0) this.#log(this.name, lines);
    if (error !== undefined) return { failure: failureOfError(error, files) };
    if (wrong !== undefined) return malformed(wrong);
    const checked = value === undefined ? null : schema.safeParse(value);
    if (checked?.success === false) return malformed(explain(checked.error));
    try {
      const readings = call === null ? [] : readingsOf(uses, this.name, windows, call, known);
      return { value: checked?.data, readings, failure: null };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return malformed(`its answer is malformed: ${error.message}`);
    }
  }

  get #start(): Place {
    return { file: this.parts.files[0] ?? "", line: 1, col: 1 };
  }

  #placeOf(stack: string): Place {
    return placeIn(stack, this.parts.files) ?? this.#start;
  }

  #failed(failure: Failure): { message: string; place: Place; failure: Failure } {
    const message = `Plugin "${this.name}" could not judge this: ${failureText(failure)}`;
    return { message, place: failure.place ?? this.#start, failure };
  }
}

/** As JSON; null where that takes more than there is to stand on: servers nest as deep as they like. */
function written(input: object): string | null {
  try {
    return JSON.stringify(input);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
}

const shownCall = ({ tool, args, upstream, agent, session }: Call): Json => ({
  tool,
  args,
  server: upstream,
  agent,
  session,
});
