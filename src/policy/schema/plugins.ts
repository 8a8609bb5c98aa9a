/** An entry of a policy's `plugins:`. */
import { z } from "zod";
import { Complaint } from "../complaint.ts";
import { text } from "./text.ts";

export const DEFAULT_TIMEOUT = 500;
export const DEFAULT_MEMORY = 64;

const TIMEOUT = "from 1ms to 10s, such as 100ms";
const MEMORY = "from 8MB to 1024MB, such as 64MB";

/** ms. @throws {Complaint} */
function parseTimeout(given: string): number {
  const [, count = "", unit = ""] = /^(\d{1,5})(ms|s)$/.exec(given) ?? [];
  const ms = Number(count) * (unit === "s" ? 1_000 : 1);
  if (unit !== "" && ms >= 1 && ms <= 10_000) return ms;
  throw new Complaint(`timeout ${JSON.stringify(given)} cannot be`, `a hook may run ${TIMEOUT}`);
}

/** MB. @throws {Complaint} */
function parseMemory(given: string): number {
  const [, count = ""] = /^(\d{1,4})MB$/.exec(given) ?? [];
  const mb = Number(count);
  if (mb >= 8 && mb <= 1_024) return mb;
  throw new Complaint(`memory ${JSON.stringify(given)} cannot be`, `a plugin may use ${MEMORY}`);
}

const timeout = text(parseTimeout).transform(parseTimeout).describe(`how long a hook may run, ${TIMEOUT}`);
const memory = text(parseMemory)
  .transform(parseMemory)
  .describe(`how much memory the plugin may use, ${MEMORY}`);

export const pluginEntry = z
  .strictObject({
    use: z
      .string()
      .min(1)
      .describe("the plugin's file, relative to the policy, such as ../plugins/office-hours.ts"),
    config: z.record(z.string(), z.json()).default({}).describe("a mapping with the plugin's settings"),
    on_error: z
      .enum(["deny", "allow"])
      .default("deny")
      .describe("deny or allow calls that the plugin could not judge"),
    timeout: timeout.default(DEFAULT_TIMEOUT),
    memory: memory.default(DEFAULT_MEMORY),
    tools: z
      .array(z.string().min(1))
      .min(1)
      .default(["*"])
      .describe("a list of tool names and globs that the plugin is for; all where nothing is said"),
  })
  .describe("a mapping with use, and config where the plugin has settings");

/** `timeout` in ms, `memory` in MB. */
export type PluginEntry = z.output<typeof pluginEntry>;
