import { createHash } from "node:crypto";
import { fold } from "../../fold.ts";
import { Complaint } from "../complaint.ts";
import { lookup } from "../conditions/lookup.ts";
import { parsePath, type Step } from "../conditions/paths.ts";
import { Fault } from "../fault.ts";
import { show } from "../show.ts";
import type { Call } from "../types.ts";
import { numeral } from "./decimal.ts";

/** One entry of `per:`. */
export interface Part {
  readonly text: string;
  readonly of: (call: Call) => string | Fault;
}

const NAMED: Readonly<Record<string, (call: Call) => string>> = {
  agent: ({ agent }) => agent,
  session: ({ session }) => session,
  server: ({ upstream }) => upstream,
  tool: ({ tool }) => tool,
};

/**
 * Reads one entry of `per:`: agent, session, server, tool or an argument.
 * @throws {Complaint}
 */
export function parsePart(text: string): Part {
  const named = NAMED[text];
  if (named !== undefined && Object.hasOwn(NAMED, text)) return { text, of: (call) => bounded(named(call)) };
  const help = "one of agent, session, server, tool, or an argument such as args.customer";
  if (!text.startsWith("args.")) throw new Complaint(`nothing is counted per ${JSON.stringify(text)}`, help);
  const path = parsePath(text);
  if (path.root !== "args" || path.quantified) {
    throw new Complaint(`${text} can be many values: nothing is counted per ${text}`, help);
  }
  return { text, of: ({ args }) => argument(args, text, path.steps) };
}

/**
 * The partition a call counts in, as text: `agent="claude", args.customer="cus_1"`. Values that some server may
 * take for the same one (other case, "05" for 5) share a partition, so that limits are reached early, never late.
 */
export function partitionOf(parts: readonly Part[], call: Call): string | Fault {
  let text = "";
  for (const part of parts) {
    const value = part.of(call);
    if (value instanceof Fault) return value;
    text += `${text === "" ? "" : ", "}${part.text}=${JSON.stringify(value)}`;
  }
  return text;
}

function argument(args: Call["args"], text: string, steps: readonly Step[]): string | Fault {
  const value = lookup(args, steps);
  if (value instanceof Fault) return new Fault(`${text}: ${value.why}`);
  switch (typeof value) {
    case "string":
      return bounded(one(fold(value)));
    case "number":
    case "boolean":
      return one(String(value));
    default:
      return new Fault(`${text} is ${show(value)}, and it is counted per text, number or boolean`);
  }
}

/** Servers that want a number read one from text, however it is written. */
const one = (text: string) => numeral(text) ?? text;

/** What is longer is kept as its hash. */
const LONGEST = 128;

const bounded = (value: string) =>
  value.length <= LONGEST ? value : `sha256:${createHash("sha256").update(value).digest("hex")}`;
