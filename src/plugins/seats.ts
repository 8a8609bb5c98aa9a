import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { PluginUse } from "../policy/plan.ts";
import { pluginEntry } from "../policy/schema/plugins.ts";
import type { Problem } from "../policy/types.ts";
import { loadPlugin } from "./load.ts";
import type { LoadedPlugin, PluginLog } from "./plugin.ts";
import type { PluginSpec } from "./spec.ts";
import type { Supervisor } from "./supervisor.ts";

/** A version of a plugin in its place in a policy. */
export interface Seat {
  readonly plugin: LoadedPlugin;
  readonly use: PluginUse;
}

export type Seated = {
  /** Every file that was looked at (absolute): when one changes, it is worth loading again. */
  readonly paths: readonly string[];
} & (
  | { readonly ok: true; readonly seats: readonly Seat[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }
);

/** Versions that are kept for that at a time: somebody may save without end. */
const MOST_RETIRED = 20;
/** How long a version that is not in force any more can still be asked, in ms. */
const RETIRE_MS = 30_000;

/**
 * Loads all plugins of a policy, or says of each that cannot be what is wrong with it.
 *
 * @param seated plugins that are loaded already: those that have not changed stay as they are
 */
export async function seat(
  uses: readonly PluginUse[],
  seated: readonly Seat[],
  supervisor: Supervisor,
  log: PluginLog,
  cwd: string,
): Promise<Seated> {
  const seats: Seat[] = [];
  const problems: Problem[] = [];
  const paths: string[] = [];
  for (const use of uses) {
    const file = resolve(use.folder, use.entry.use);
    paths.push(file);
    if (!existsSync(file)) {
      problems.push({
        file: use.ref.file,
        ...use.place(["use"]),
        message: `${use.entry.use}: no such file`,
        help: "check the path; it is relative to the policy",
      });
      continue;
    }
    const loading = await loadPlugin(supervisor, specOf(use), log, cwd);
    paths.push(...loading.paths);
    problems.push(...loading.problems, ...loading.issues.map((issue) => settingProblem(use, issue)));
    if (loading.plugin !== null) seats.push({ use, plugin: sameOf(loading.plugin, seated) });
  }
  problems.push(...namesakes(seats));
  if (problems.length === 0) return { ok: true, seats, paths };
  retire(seats, seated);
  return { ok: false, problems, paths };
}

/** Different plugins of one name would count on the same counters, and be turned off together. */
function namesakes(seats: readonly Seat[]): Problem[] {
  return seats.flatMap(({ plugin, use }) => {
    const first = seats.find((seat) => seat.plugin.name === plugin.name);
    if (first === undefined || first.plugin.hash === plugin.hash) return [];
    return {
      file: use.ref.file,
      ...use.place(["use"]),
      message: `another plugin is called "${plugin.name}": ${first.use.entry.use}`,
      help: "give one of them another name",
    };
  });
}

/** Lets go of plugins that have no seat any more, once no call that is being judged can ask them. */
export function retire(before: readonly Seat[], now: readonly Seat[]): void {
  for (const { plugin } of before) {
    if (now.some((seat) => seat.plugin === plugin)) continue;
    retired.add(plugin);
    setTimeout(() => letGo(plugin), RETIRE_MS).unref();
  }
  for (const oldest of retired) {
    if (retired.size <= MOST_RETIRED) break;
    letGo(oldest);
  }
}

/** The oldest first. */
const retired = new Set<LoadedPlugin>();

function letGo(plugin: LoadedPlugin): void {
  if (retired.delete(plugin)) plugin.release();
}

/** The use of `--plugin FILE`: no settings, all calls. */
export function pluginOption(file: string, cwd: string): PluginUse {
  const start = { line: 1, col: 1 };
  return {
    entry: pluginEntry.parse({ use: file }),
    ref: { name: file, tool: "plugins", file, line: 1 },
    folder: cwd,
    timezone: "UTC",
    shadow: false,
    governs: () => true,
    place: () => start,
  };
}

const specOf = ({ entry, folder, timezone }: PluginUse): PluginSpec => ({ ...entry, folder, timezone });

/** The plugin, or the same version of it that is there already. */
function sameOf(plugin: LoadedPlugin, seated: readonly Seat[]): LoadedPlugin {
  const spec = JSON.stringify(plugin.parts.spec);
  const same = seated.find(
    (seat) => seat.plugin.hash === plugin.hash && JSON.stringify(seat.plugin.parts.spec) === spec,
  );
  if (same === undefined) return plugin;
  plugin.release();
  return same.plugin;
}

function settingProblem(
  use: PluginUse,
  {
    path,
    at,
    message,
    help,
  }: { path: readonly (string | number)[]; at: "key" | "value"; message: string; help: string },
): Problem {
  return { file: use.ref.file, ...use.place(["config", ...path], at), message, help };
}
