import { resolve } from "node:path";
import type { PluginLog } from "../plugins/plugin.ts";
import type { Seat } from "../plugins/seats.ts";
import type { Supervisor, SupervisorOptions } from "../plugins/supervisor.ts";
import type { ModeOverride } from "../policy/compile/compile.ts";
import { loadPolicies } from "../policy/source/load.ts";
import type { SourceFile } from "../policy/source/parse.ts";
import type { Problem } from "../policy/types.ts";
import type { Ruleset } from "./ruleset.ts";

export type LoadedRuleset = {
  /** Every file that was read or looked for, absolute: what to watch for changes. */
  readonly paths: readonly string[];
} & (
  | { readonly ok: true; readonly ruleset: Ruleset; readonly sources: readonly SourceFile[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }
);

export interface RulesetSources {
  /** Policy files and folders. */
  readonly policies: readonly string[];
  /** Plugins that no policy names (`--plugin`). */
  readonly plugins?: readonly string[];
  /** Messages name files relative to it when they are inside it. */
  readonly cwd?: string;
  readonly mode?: ModeOverride;
}

export interface LoaderOptions {
  readonly log?: SupervisorOptions["log"];
  /** Lines that plugins log. */
  readonly onPluginLines?: PluginLog;
}

/** Loads policies with the plugins that they name. The plugins' host is started with the first of them. */
export class RulesetLoader {
  readonly #options: LoaderOptions;
  #supervisor: Supervisor | null = null;

  constructor(options: LoaderOptions = {}) {
    this.#options = options;
  }

  /**
   * Never throws for what is on disk: every problem is listed, those of plugins once the policies have none.
   *
   * @param seated plugins in force: those that have not changed are kept
   */
  async load(from: RulesetSources, seated: readonly Seat[] = []): Promise<LoadedRuleset> {
    const { policies, plugins = [], cwd = process.cwd(), mode } = from;
    const loaded = loadPolicies(policies, cwd, mode);
    const named = plugins.map((file) => resolve(cwd, file));
    if (!loaded.ok) return { ...loaded, paths: [...loaded.paths, ...named] };
    const { policy, sources, paths } = loaded;
    if (policy.plugins.length + plugins.length === 0) {
      return { ok: true, ruleset: { policy, seats: [] }, sources, paths };
    }
    const [{ pluginOption, seat }, supervisor] = await Promise.all([
      import("../plugins/seats.ts"),
      this.#supervise(),
    ]);
    const uses = [...policy.plugins, ...plugins.map((file) => pluginOption(file, cwd))];
    const seating = await seat(uses, seated, supervisor, this.#options.onPluginLines ?? (() => {}), cwd);
    const all = [...paths, ...seating.paths];
    if (!seating.ok) return { ok: false, problems: seating.problems, paths: all };
    return { ok: true, ruleset: { policy, seats: seating.seats }, sources, paths: all };
  }

  async #supervise(): Promise<Supervisor> {
    const { Supervisor } = await import("../plugins/supervisor.ts");
    const { log } = this.#options;
    this.#supervisor ??= new Supervisor(log === undefined ? {} : { log });
    return this.#supervisor;
  }

  /** Ends the plugins' host. */
  close(): void {
    this.#supervisor?.close();
  }
}
