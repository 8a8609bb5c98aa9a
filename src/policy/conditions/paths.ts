import { Complaint } from "../complaint.ts";
import { nearest } from "../suggest.ts";

/** `[*]`: every element. */
export const EVERY: unique symbol = Symbol("[*]");
/** `[any]`: at least one element. */
export const SOME: unique symbol = Symbol("[any]");

export type Quantifier = typeof EVERY | typeof SOME;

/** One step into a value: a property's name, a list's index, or what elements of a list must hold. */
export type Step = string | number | Quantifier;

/** What conditions can look at, apart from counters. */
export type ValueRoot = "args" | "result" | "tool" | "server" | "agent" | "session" | "now";

/** What a condition looks at. */
export type Path =
  | {
      readonly root: ValueRoot;
      readonly text: string;
      readonly steps: readonly Step[];
      /** Whether it has `[*]` or `[any]` in it. */
      readonly quantified: boolean;
    }
  | { readonly root: "state"; readonly text: string; readonly scope: string; readonly counter: string };

/** Paths that are whole as they stand. */
const FIXED = [
  "tool.name",
  "tool.class",
  "server",
  "agent.name",
  "session.id",
  "now.time",
  "now.hour",
  "now.weekday",
  "now.date",
];

/** Roots whose steps are up to the data. */
const OPEN = ["args", "result", "tool.annotations"] as const;

const HELP =
  "write args.<name>, with .<name>, [0], [*] or [any] for what is inside; state.<tool>.<counter>; " +
  `tool.annotations.<name>; or ${FIXED.slice(0, -1).join(", ")} or ${FIXED.at(-1)}`;
const STEP = /\.([^.[\]]+)|\[(\d{1,9}|\*|any)\]/y;

/**
 * Reads `args.items[*].price`, `state.create_charge.daily_spend` or `now.hour`.
 * @throws {Complaint}
 */
export function parsePath(text: string): Path {
  if (text.startsWith("state.")) return counterPath(text);
  if (FIXED.includes(text)) {
    const [root = "", ...steps] = text.split(".");
    return { root: root as ValueRoot, text, steps, quantified: false };
  }
  const open = OPEN.find((each) => text.startsWith(`${each}.`));
  if (open === undefined) throw new Complaint(`unknown path ${JSON.stringify(text)}`, helpFor(text));
  const steps = readSteps(text, open.length);
  const quantified = steps.some((step) => typeof step === "symbol");
  if (open === "tool.annotations")
    return { root: "tool", text, steps: ["annotations", ...steps], quantified };
  return { root: open, text, steps, quantified };
}

function readSteps(text: string, from: number): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = from;
  while (STEP.lastIndex < text.length) {
    const at = STEP.lastIndex;
    const match = STEP.exec(text);
    if (match === null) {
      const rest = JSON.stringify(text.slice(at));
      throw new Complaint(`path ${JSON.stringify(text)} cannot be read at ${rest}`, HELP);
    }
    const [, name, index] = match;
    steps.push(name ?? (index === "*" ? EVERY : index === "any" ? SOME : Number(index)));
  }
  return steps;
}

function counterPath(text: string): Path {
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

function helpFor(text: string): string {
  const meant = meantBy(text);
  return meant === null ? HELP : `${HELP}. Did you mean ${JSON.stringify(meant)}?`;
}

const ROOT_ALIASES = { argument: "args", arguments: "args", params: "args", input: "args", counter: "state" };

function meantBy(text: string): string | null {
  const rooted = /^(?:args|state|result|tool|server|agent|session|now)(?![^.[])/.test(text);
  const fixed = rooted || text.includes(".") ? nearest(text, FIXED) : null;
  if (fixed !== null || rooted || text === "" || /\s/.test(text)) return fixed;
  const dot = text.indexOf(".");
  const root = dot > 0 ? nearest(text.slice(0, dot), ["args", "state", "result"], ROOT_ALIASES) : null;
  return root === null ? `args.${text}` : root + text.slice(dot);
}

/** Steps as a path has them: `.items[*]`. */
export function stepsText(steps: readonly Step[]): string {
  return steps
    .map((step) => {
      if (typeof step === "symbol") return step.description ?? "";
      return typeof step === "number" ? `[${step}]` : `.${step}`;
    })
    .join("");
}
