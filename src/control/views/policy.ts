/** What decides: policy files, plugins, and what an operator has changed for now. */
import { z } from "zod";
import { problem } from "./parts.ts";

/** Tools that an operator blocks or allows; `until` in ms since the epoch, null for until it is taken back. */
const namedTools = z.array(z.object({ tool: z.string(), until: z.number().nullable() }));

/** What an operator has changed for now, on top of the policy. */
export const operatorView = z.object({
  /** Since when every call is denied, in ms since the epoch; null while the policy decides. */
  killed: z.number().nullable(),
  /** Whether nothing that a policy says is enforced, by `shadow on` or `--shadow`. */
  shadow: z.boolean(),
  /** Denied before the policy is asked. */
  blocks: namedTools,
  /** Let through whatever rules say. */
  allows: namedTools,
  /** Filters; calls like these wait for a person. */
  holds: z.array(z.string()),
  /** Names of plugins that are not asked. */
  plugins: z.array(z.string()),
});
export type OperatorView = z.infer<typeof operatorView>;

export const pluginView = z.object({
  name: z.string(),
  file: z.string(),
  /** SHA-256 over its files, hex. */
  hash: z.string(),
  /** `failed`: it cannot answer, so what it should judge is decided by its `on_error`. */
  state: z.enum(["ready", "failed", "disabled"]),
  /** Why its newest text is not in force, or why it failed; empty when it is well. */
  problems: z.array(problem),
  /** Calls it was asked about. */
  calls: z.number(),
  /** Its own commands: `NAME COMMAND ...`. */
  commands: z.array(z.object({ name: z.string(), help: z.string() })),
  /** ms since the epoch when it came into this state. */
  since: z.number(),
});
export type PluginView = z.infer<typeof pluginView>;

/** One reading of the policy files. */
export const reloadView = z.object({
  /** ms since the epoch. */
  time: z.number(),
  /** Whether it came into force. */
  ok: z.boolean(),
  hash: z.string(),
  /** Rules in force after it. */
  rules: z.number(),
  /** The first mistake as `file:line:col message`; "" where there is none. */
  problem: z.string(),
});
export type ReloadView = z.infer<typeof reloadView>;

/** Answer to `write [FILE]`: what would be written. `write yes TOKEN` writes it. */
export const draftView = z.object({
  file: z.string(),
  /** Lines after their marks: " ", "+" or "-". */
  diff: z.array(z.string()),
  /** What is not in it, and why. */
  notes: z.array(z.string()),
  /** The commands that take back what the file says then. */
  takeBack: z.array(z.string()),
  /** Patterns of the servers that the file is for; null for all. */
  servers: z.array(z.string()).nullable(),
  token: z.string(),
});
export type DraftView = z.infer<typeof draftView>;

export const policyView = z.object({
  /** Files in force. */
  files: z.array(z.string()),
  /** Hash of the policy in force. */
  hash: z.string(),
  /** ms since the epoch when it came into force. */
  loadedAt: z.number(),
  reloads: z.number(),
  /** Rules in force. */
  rules: z.number(),
  /** Why the newest text on disk is not in force; empty when it is. */
  problems: z.array(problem),
  /** The last readings of the files, oldest first. */
  history: z.array(reloadView),
  plugins: z.array(pluginView),
});
export type PolicyView = z.infer<typeof policyView>;
