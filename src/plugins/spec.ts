import type { PluginEntry } from "../policy/schema/plugins.ts";

/** What a version of a plugin is loaded by. Plain data: two that are alike load the same. */
export interface PluginSpec extends PluginEntry {
  /** Absolute path of the folder that `use` is relative to. */
  readonly folder: string;
  /** The policy's time zone (IANA name). */
  readonly timezone: string;
}
