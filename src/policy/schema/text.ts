/** Texts that mean something in a policy file, and how what is wrong with them becomes an issue at their place. */
import { z } from "zod";
import { Complaint } from "../complaint.ts";
import { parsePath } from "../conditions/paths.ts";
import { parsePart } from "../counters/partition.ts";
import { parseWindow } from "../counters/window.ts";

export type Refinement = { addIssue(issue: z.core.$ZodRawIssue): void };

/** Runs what reads a value later, and turns its complaint into an issue at the value's own place. */
export function attempt(
  read: () => unknown,
  ctx: Refinement,
  input: unknown,
  key: string | null = null,
): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    const at = error.key ?? key;
    const path = at === null ? [] : [at];
    ctx.addIssue({ code: "custom", message: error.message, params: { help: error.help }, path, input });
  }
}

/** Complains of the member at `key`. */
export function complainOf(
  ctx: Refinement,
  input: unknown,
  key: string,
  message: string,
  help: string,
): void {
  ctx.addIssue({ code: "custom", message, params: { help }, path: [key], input });
}

/** Text that `read` understands. */
export const text = (read: (value: string) => unknown) =>
  z.string().superRefine((value, ctx) => attempt(() => read(value), ctx, value));

export const name = (what: string) =>
  text((value) => {
    if (value.trim() === "") throw new Complaint(`${what} is empty`, "write a name");
  });

/** A list that says nothing when it is empty. */
export const some = <T extends z.ZodType>(item: T, what: string) =>
  z.array(item).superRefine((value, ctx) => {
    if (value.length > 0) return;
    attempt(() => complain(`${what} is an empty list`, "put something in it, or remove it"), ctx, value);
  });

export function complain(message: string, help: string): never {
  throw new Complaint(message, help);
}

export const windowName = text((value) => parseWindow(value)).describe(
  "minute, hour, day, week, month, session, forever, or a duration such as 10m",
);

export const per = some(text(parsePart), "per").describe(
  "a list of agent, session, server, tool or arguments: each value of these is counted on its own",
);

export const amountPath = text((value) => {
  const path = parsePath(value);
  if (path.root !== "args") throw new Complaint("increment_from reads an argument", "write args.<name>");
  if (path.steps.some((step) => typeof step === "symbol" && step.description === "[any]")) {
    throw new Complaint("an amount cannot come from [any] element", "write [*] for the sum of all");
  }
});
