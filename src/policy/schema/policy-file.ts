/**
 * The policy file's definition. Descriptions are the help that a wrong value gets, and what editors show.
 * What crosses nodes (counters, names of rules) is in source/references.ts.
 */
import { z } from "zod";
import { parseTimezone } from "../counters/window.ts";
import { CLASSES } from "../tools/classes.ts";
import { budget } from "./budgets.ts";
import { pluginEntry } from "./plugins.ts";
import { resultRules } from "./results.ts";
import { requestRule, rule } from "./rules.ts";
import { policyTest } from "./tests.ts";
import { name, some, text } from "./text.ts";

/** How much of calls' arguments audit logs keep, from the most to the least. */
export const RECORDINGS = ["full", "masked", "hash"] as const;
export type Recording = (typeof RECORDINGS)[number];

const toolClass = z.enum(CLASSES).describe(`one of ${CLASSES.join(", ")}`);

const tool = z
  .strictObject({ rules: z.array(rule).describe("a list of rules") })
  .describe("a mapping with rules");

const request = z
  .strictObject({
    hide: z.boolean().default(false).describe("true to leave it out of lists and deny it"),
    rules: z.array(requestRule).default([]).describe("a list of rules"),
  })
  .describe("a mapping with hide or rules");

const hidden = z
  .union([
    name("the hidden tool's name"),
    z.strictObject({ class: toolClass }).describe("a mapping with class"),
  ])
  .describe("a tool's name, a glob, or { class: destructive }");

export const policyFile = z
  .strictObject({
    version: z.literal("1").describe('write version: "1"'),
    description: z.string().optional().describe("text about the file"),
    include: z
      .array(name("the included file's name"))
      .default([])
      .describe("a list of policy files whose rules hold wherever this file's do; relative to this file"),
    servers: some(name("the server's name"), "servers")
      .optional()
      .describe("a list of names or globs of the servers that this file is for; all where nothing is said"),
    mode: z
      .enum(["enforce", "shadow"])
      .default("enforce")
      .describe("enforce, or shadow to decide and record without blocking"),
    timezone: text(parseTimezone)
      .transform(parseTimezone)
      .default("UTC")
      .describe("IANA time zone of calendar windows, such as Europe/London; UTC where nothing is said"),
    default: z
      .enum(["allow", "deny"])
      .default("allow")
      .describe("allow or deny tools, resources and prompts that are not listed"),
    classes: z
      .record(z.string(), toolClass)
      .default({})
      .describe("a mapping from tools to their class, where names and annotations do not tell it"),
    hide: z.array(hidden).default([]).describe("a list of tool names"),
    budgets: z.record(z.string(), budget).default({}).describe("a mapping from names to budgets"),
    tools: z.record(z.string(), tool).default({}).describe('a mapping from tool names, or "*", to rules'),
    results: z
      .record(z.string(), resultRules)
      .default({})
      .describe('a mapping from tool names, or "*", to rules about results'),
    resources: z.record(z.string(), request).default({}).describe("a mapping from globs of URIs to rules"),
    prompts: z.record(z.string(), request).default({}).describe("a mapping from prompts' names to rules"),
    plugins: z.array(pluginEntry).default([]).describe("a list of plugins"),
    audit: z
      .strictObject({
        arguments: z
          .enum(RECORDINGS)
          .describe("full, masked (the default: without what looks like a secret) or hash"),
      })
      .optional()
      .describe("a mapping with arguments: how much of them audit logs keep"),
    tests: z.array(policyTest).default([]).describe("a list of calls and what is to become of them"),
  })
  .describe("a mapping with version and tools");

export type PolicyFile = z.output<typeof policyFile>;
