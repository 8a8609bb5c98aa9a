import { isObject, type Json, type JsonObject } from "../wire/json.ts";
import { Complaint } from "./complaint.ts";

/** One step into a value: a property's name or a list's index. */
export type Step = string | number;

/** What a condition looks at. */
export type Path =
  | { readonly root: "args"; readonly text: string; readonly steps: readonly Step[] }
  | { readonly root: "state"; readonly text: string; readonly scope: string; readonly counter: string };

const HELP = "write args.<name>, with .<name> or [0] for what is inside, or state.<tool>.<counter>";
const STEP = /\.([^.[\]]+)|\[(\d{1,9})\]/y;

/**
 * Reads `args.items[0].price` or `state.create_charge.daily_spend`.
 * @throws {Complaint}
 */
export function parsePath(text: string): Path {
  if (text.startsWith("state.")) {
    const rest = text.slice("state.".length);
    // Tool names may have dots in them, counters may not.
    const dot = rest.lastIndexOf(".");
    if (dot <= 0 || dot === rest.length - 1) {
      throw new Complaint(
        `path ${JSON.stringify(text)} names no counter`,
        'write state.<tool>.<counter>, or state._global.<counter> for one declared under "*"',
      );
    }
    return { root: "state", text, scope: rest.slice(0, dot), counter: rest.slice(dot + 1) };
  }
  if (!text.startsWith("args.")) {
    const known = text === "args" || text === "state" || text.startsWith("args[") || /\s/.test(text);
    throw new Complaint(
      `unknown path ${JSON.stringify(text)}`,
      known || text === "" ? HELP : `${HELP}. Did you mean ${JSON.stringify(`args.${text}`)}?`,
    );
  }
  const rest = text.slice("args".length);
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < rest.length) {
    const from = STEP.lastIndex;
    const match = STEP.exec(rest);
    if (match === null) {
      throw new Complaint(
        `path ${JSON.stringify(text)} cannot be read at ${JSON.stringify(rest.slice(from))}`,
        HELP,
      );
    }
    steps.push(match[1] ?? Number(match[2]));
  }
  return { root: "args", text, steps };
}

/**
 * The value at `steps`, or undefined where there is none. Only own properties count, so that `constructor` and
 * `__proto__` are what the agent sent or nothing.
 */
export function lookup(args: JsonObject, steps: readonly Step[]): Json | undefined {
  let at: Json | undefined = args;
  for (const step of steps) {
    if (typeof step === "number") {
      if (!Array.isArray(at)) return undefined;
      at = at[step];
    } else {
      if (at === undefined || !isObject(at) || !Object.hasOwn(at, step)) return undefined;
      at = at[step];
    }
  }
  return at;
}
