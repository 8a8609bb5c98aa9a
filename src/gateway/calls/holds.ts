import type { HoldView } from "../../control/protocol.ts";
import type { Ruling } from "../../judging/rule.ts";
import type { Ask } from "../../policy/types.ts";
import type { JsonObject } from "../../wire/json.ts";

/** Most calls held at a time; further ones are denied. */
export const MAX_HOLDS = 1_000;
/** Most ids that an error lists. */
const MOST_TOLD = 20;
/** How often a waiting agent is told that it still waits, in ms. */
const REMIND_MS = 5_000;

/** What a person said of a held call. */
export type Answer =
  | { readonly kind: "approved" /** Arguments to send instead. */; readonly edited: JsonObject | null }
  | { readonly kind: "denied" /** For the agent. */; readonly message: string | null }
  | { readonly kind: "expired" };

/** A call waiting for a person. */
export interface Held {
  /** Id of the call. */
  readonly id: string;
  readonly ask: Ask;
  /** For the person. */
  readonly message: string;
  /** Whether it has arguments that a person may edit; a resource has none. */
  readonly editable: boolean;
  /** What would become of it with these arguments. */
  rehearse(edited: JsonObject): Ruling | Promise<Ruling>;
  onAnswer(answer: Answer): void;
  /** Another while has passed. */
  onWaiting(): void;
}

interface Entry {
  readonly held: Held;
  /** ms since the epoch. */
  readonly since: number;
  readonly timers: readonly NodeJS.Timeout[];
}

/** The calls waiting for a person. Each is answered once: by a person, by its timeout, or not at all if it ends. */
export class Holds {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: () => number;
  /** Rises with every change. */
  version = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get full(): boolean {
    return this.#entries.size >= MAX_HOLDS;
  }

  /** Holds a call until somebody answers. */
  add(held: Held): void {
    const expire = setTimeout(() => this.#answer(held.id, { kind: "expired" }), held.ask.timeoutMs);
    const remind = setInterval(() => held.onWaiting(), REMIND_MS);
    this.#entries.set(held.id, { held, since: this.#clock(), timers: [expire, remind] });
    this.version++;
  }

  /** The call needs no answer any more. */
  withdraw(id: string): void {
    this.#take(id);
  }

  ids(): string[] {
    return [...this.#entries.keys()];
  }

  /**
   * @returns how many of them were still held
   * @throws Error where none was (it was answered, timed out or was cancelled), or nothing can be edited
   */
  answer(ids: readonly string[], answer: Answer): number {
    const edits = answer.kind === "approved" && answer.edited !== null;
    const fixed = edits && ids.find((id) => this.#entries.get(id)?.held.editable === false);
    if (fixed) throw new Error(`Request ${fixed} has no arguments to edit: approve or deny it.`);
    const answered = ids.filter((id) => this.#answer(id, answer)).length;
    if (answered === 0) throw this.#missing(ids);
    return answered;
  }

  /**
   * What would become of a held call with these arguments.
   *
   * @throws Error where there is no such hold
   */
  rehearse(id: string, edited: JsonObject): Ruling | Promise<Ruling> {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw this.#missing([id]);
    return entry.held.rehearse(edited);
  }

  #missing(ids: readonly string[]): Error {
    const [only, another] = ids;
    const what = only === undefined ? "No call" : another === undefined ? `No call ${only}` : "None of them";
    const waiting = this.ids();
    const some = waiting.slice(0, MOST_TOLD).join(", ");
    const more = waiting.length > MOST_TOLD ? ` and ${waiting.length - MOST_TOLD} more` : "";
    return new Error(`${what} is held${waiting.length === 0 ? "." : `; these are: ${some}${more}.`}`);
  }

  list(): HoldView[] {
    return [...this.#entries.values()].map(({ held, since }) => ({
      id: held.id,
      since,
      deadline: since + held.ask.timeoutMs,
      rules: held.ask.rules.map(({ name, tool, file, line }) => ({ name, tool, file, line })),
      message: held.message,
    }));
  }

  #answer(id: string, answer: Answer): boolean {
    const held = this.#take(id);
    held?.onAnswer(answer);
    return held !== null;
  }

  #take(id: string): Held | null {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    this.#entries.delete(id);
    for (const timer of entry.timers) clearTimeout(timer);
    this.version++;
    return entry.held;
  }
}
