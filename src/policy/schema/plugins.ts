/** An entry of a policy's `plugins:`. */
import { z } from "zod";

export const DEFAULT_TIMEOUT = 200;
export const DEFAULT_MEMORY = 64;

const timeout = z
  .string()
  .regex(/^\d{1,5}(ms|s)$/, "cannot be read")
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith("ms") ? 1 : 1_000))
  .refine((ms) => ms >= 1 && ms <= 10_000, "is out of range")
  .describe("how long a hook may run, from 1ms to 10s, such as 100ms");

const memory = z
  .string()
  .regex(/^\d{1,4}MB$/, "cannot be read")
  .transform((text) => Number.parseInt(text, 10))
  .refine((mb) => mb >= 8 && mb <= 1_024, "is out of range")
  .describe("how much memory the plugin may use, from 8MB to 1024MB, such as 64MB");

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
