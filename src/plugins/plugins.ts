import { dirname } from "node:path";
import type { Problem } from "../policy/types.ts";
import type { ConfigIssue } from "./config.ts";
import { type Loading, loadPlugin } from "./load.ts";
import type { LoadedPlugin, PluginLog } from "./plugin.ts";
import type { PluginSpec } from "./spec.ts";
import type { Supervisor } from "./supervisor.ts";

/** Quiet time after a change before the files are read, in ms: editors write in several steps. */
const SETTLE_MS = 40;

/** Why a plugin cannot come into force. */
export interface PluginTrouble {
  readonly spec: PluginSpec;
  readonly problems: readonly Problem[];
  readonly issues: readonly ConfigIssue[];
}

/** How long a version that is not in force any more can still be asked, in ms. */
const RETIRE_MS = 5_000;

interface Slot {
  readonly spec: PluginSpec;
  plugin: LoadedPlugin;
  loading: Loading;
}

/**
 * The plugins of a policy, in its order. A change on disk is built and checked first and then swapped in whole;
 * while a file holds a mistake the last good version goes on judging.
 */
export class Plugins {
  readonly #supervisor: Supervisor;
  readonly #log: PluginLog;
  readonly #slots: Slot[];
  #watcher: { add(path: string[]): unknown; close(): Promise<void> } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reloading: Promise<void> = Promise.resolve();
  #listener: (changed: LoadedPlugin[]) => void = () => {};

  private constructor(supervisor: Supervisor, log: PluginLog, slots: Slot[]) {
    this.#supervisor = supervisor;
    this.#log = log;
    this.#slots = slots;
  }

  /** Loads all, or says of each that cannot be what is wrong. */
  static async load(
    supervisor: Supervisor,
    specs: readonly PluginSpec[],
    log: PluginLog = () => {},
  ): Promise<{ ok: true; plugins: Plugins } | { ok: false; troubles: readonly PluginTrouble[] }> {
    const slots: Slot[] = [];
    const troubles: PluginTrouble[] = [];
    for (const spec of specs) {
      const loading = await loadPlugin(supervisor, spec, log);
      if (loading.plugin !== null) slots.push({ spec, plugin: loading.plugin, loading });
      else troubles.push({ spec, problems: loading.problems, issues: loading.issues });
    }
    if (troubles.length === 0) return { ok: true, plugins: new Plugins(supervisor, log, slots) };
    for (const { plugin } of slots) plugin.release();
    return { ok: false, troubles };
  }

  /** In force now. */
  get current(): readonly LoadedPlugin[] {
    return this.#slots.map(({ plugin }) => plugin);
  }

  /** Why what is on disk is not in force; empty where it is. */
  get troubles(): readonly PluginTrouble[] {
    return this.#slots.flatMap(({ spec, loading }) =>
      loading.plugin === null ? [{ spec, problems: loading.problems, issues: loading.issues }] : [],
    );
  }

  /**
   * Follows the plugins' files, and those that they import, from now on.
   *
   * @param listener told after each reading that changed something, with the plugins that are new
   */
  async watch(listener: (changed: readonly LoadedPlugin[]) => void): Promise<void> {
    this.#listener = listener;
    const { watch } = await import("chokidar");
    // Folders, not files: a save by rename gives the file a new inode.
    const watcher = watch(this.#folders(), { depth: 0, ignoreInitial: true });
    this.#watcher = watcher;
    watcher.on("all", (_event, path) => {
      if (this.#slots.some(({ loading }) => loading.paths.includes(path))) this.#soon();
    });
    watcher.on("ready", () => this.#soon()); // what changed before the watch began
  }

  #folders(): string[] {
    return [...new Set(this.#slots.flatMap(({ loading }) => loading.paths.map((path) => dirname(path))))];
  }

  #soon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.reload(), SETTLE_MS);
    this.#timer.unref();
  }

  /** Reads the files again now, one reading at a time. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#readAgain());
    return this.#reloading;
  }

  async #readAgain(): Promise<void> {
    const before = JSON.stringify(this.troubles);
    const changed: LoadedPlugin[] = [];
    for (const slot of this.#slots) {
      const loading = await loadPlugin(this.#supervisor, slot.spec, this.#log);
      slot.loading = loading;
      if (loading.plugin === null) continue;
      if (loading.plugin.hash === slot.plugin.hash) {
        loading.plugin.release();
        slot.loading = { ...loading, plugin: slot.plugin };
        continue;
      }
      retire(slot.plugin);
      slot.plugin = loading.plugin;
      changed.push(loading.plugin);
    }
    this.#watcher?.add(this.#folders());
    if (changed.length > 0 || JSON.stringify(this.troubles) !== before) this.#listener(changed);
  }

  /** Stops following, and lets go of the plugins. The supervisor goes on. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const watcher = this.#watcher;
    this.#watcher = null; // a reading that is under way adds nothing to it any more
    await watcher?.close();
    await this.#reloading;
    for (const { plugin } of this.#slots) retire(plugin);
  }
}

/** A call that is being judged may have to ask its plugins again. */
function retire(plugin: LoadedPlugin): void {
  setTimeout(() => plugin.release(), RETIRE_MS).unref();
}
