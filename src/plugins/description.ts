import { z } from "zod";
import { setting } from "./config.ts";

/** What a plugin says of itself when it is loaded, as the dispatcher of guest.ts puts it. */
export const description = z.object({
  name: z
    .string("name must be text")
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "name must be lower-case letters, digits and dashes, at most 64"),
  description: z.string("description must be text").optional(),
  config: z.record(z.string(), setting).default({}),
  counters: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "a counter's name is lower-case letters, digits and _"),
      z.strictObject({ window: z.string() }),
    )
    .default({}),
  hooks: z.array(z.enum(["onCall", "onResult", "onTools"])),
  /** Hooks that are no functions. */
  broken: z.array(z.string()),
  commands: z.array(
    z.object({
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "a command's name is lower-case letters, digits and dashes"),
      help: z.string("has no help"),
      runs: z.boolean(),
    }),
  ),
  /** Keys that no plugin has. */
  unknown: z.array(z.string()),
});

export type Description = z.output<typeof description>;

export const KEYS = [
  "name",
  "description",
  "config",
  "counters",
  "commands",
  "onCall",
  "onResult",
  "onTools",
];
