/** What comes out of an isolate: JSON of a known shape, or it counts as malformed. */
import { z } from "zod";
import { isObject, type JsonObject } from "../wire/json.ts";
import { MAX_DEPTH } from "../wire/parse.ts";

const MAX_MESSAGE = 2_000;
/** Longest evidence, as JSON, in characters: it is kept with the call's trace. */
const MAX_EVIDENCE = 10_000;

const object = z.custom<JsonObject>(isObject, "must be an object");
const message = z.string("must be text").trim().min(1, "is empty").max(MAX_MESSAGE, "is too long");
const evidence = object
  .refine(
    (found) => JSON.stringify(found).length <= MAX_EVIDENCE,
    `is longer than ${MAX_EVIDENCE} characters`,
  )
  .optional();
const stack = z.string().default("");

/** What the dispatcher of guest.ts writes. */
const reply = z.object({
  /** What the hook returned; absent for nothing. */
  value: z.unknown().optional(),
  error: z.object({ name: z.string(), message: z.string(), stack: z.string() }).optional(),
  malformed: z.string().optional(),
  lines: z.array(z.string()).default([]),
  uses: z.array(z.object({ name: z.string(), key: z.string(), adds: z.array(z.number()) })).default([]),
});
export type GuestReply = z.output<typeof reply>;

/** One half of a character, as JSON.stringify writes it: text cut in the middle of an emoji ends with one. */
const HALF = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

/** Reads what came out of an isolate; a text says what is wrong with it. */
export function readReply(text: string): GuestReply | string {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(HALF, "$1\ufffd"));
  } catch {
    return "its answer is malformed: it is not JSON";
  }
  // As of agents: not all readers of JSON go deeper.
  if (deeper(data, MAX_DEPTH)) return `its answer is malformed: it is nested deeper than ${MAX_DEPTH}`;
  const read = reply.safeParse(data);
  return read.success ? read.data : explain(read.error);
}

function deeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => deeper(each, levels - 1));
}

export const callAnswer = z.discriminatedUnion(
  "verdict",
  [
    z.object({ verdict: z.enum(["deny", "ask"]), message, evidence, stack }),
    z.object({ verdict: z.literal("edit"), args: object }),
  ],
  "onCall returns nothing, or what ctx.deny, ctx.ask or ctx.edit return",
);
export type CallAnswer = z.output<typeof callAnswer>;

export const resultAnswer = z.discriminatedUnion(
  "verdict",
  [
    z.object({ verdict: z.literal("replace"), result: object }),
    z.object({ verdict: z.literal("block"), message, evidence, stack }),
  ],
  "onResult returns nothing, or what ctx.replace, ctx.redact or ctx.block return",
);
export type ResultAnswer = z.output<typeof resultAnswer>;

/** @param names of the tools that the plugin was given: it can take some away, not add any */
export const toolsAnswer = (names: ReadonlySet<string>) =>
  z.array(object, "onTools returns nothing or a list of tools").superRefine((tools, ctx) => {
    const seen = new Set<string>();
    for (const [i, { name }] of tools.entries()) {
      if (typeof name !== "string" || !names.has(name) || seen.has(name)) {
        ctx.addIssue({
          code: "custom",
          path: [i, "name"],
          message: "is not one of the tools it was given, or twice",
        });
      } else seen.add(name);
    }
  });

export const commandAnswer = z.string("a command returns text").max(100_000, "a command's text is too long");

/** What is wrong with an answer, in a few words. */
export function explain(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "its answer is malformed";
  const at = issue.path.map(String).join(".");
  return `its answer is malformed: ${at === "" ? "" : `${at} `}${issue.message}`;
}
