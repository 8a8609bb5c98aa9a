import { dirname, resolve } from "node:path";
import { type LoadedRuleset, RulesetLoader } from "../judging/load-ruleset.ts";
import type { Ruleset } from "../judging/ruleset.ts";
import { Lane } from "../plugins/lane.ts";
import type { Seat } from "../plugins/seats.ts";
import type { Problem } from "../policy/types.ts";
import { sanitize } from "../sanitize.ts";
import { fileStates } from "./file-states.ts";
import { Recent } from "./history/recent.ts";

/** Quiet time after a change before the files are read: editors write in several steps. */
const SETTLE_MS = 40;

/**
 * How often the files are looked at besides, in ms: a watch ends with its folder, and one that takes its place, as
 * deployments put it there, is not heard of.
 */
const LOOK_MS = 1_000;

/** Readings of the files that are remembered. */
const KEPT_READINGS = 50;

/** One reading of the files. */
interface Reading {
  /** ms since the epoch. */
  readonly time: number;
  /** Whether it came into force. */
  readonly ok: boolean;
  readonly hash: string;
  /** Rules in force after it. */
  readonly rules: number;
  /** The first mistake; "" where there is none. */
  readonly problem: string;
}

/** The policy files hold mistakes, each of which is in `problems`. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map((p) => `${p.file}:${p.line}:${p.col} ${p.message}\n  help: ${p.help}`).join("\n"));
    this.problems = problems;
  }
}

export interface PoliciesOptions {
  /** Policy files and folders. */
  readonly policies: readonly string[];
  /** Plugins that no policy names. */
  readonly plugins: readonly string[];
  readonly clock: () => number;
  readonly log: (level: "info" | "warn" | "error", text: string) => void;
}

/**
 * The policy and the plugins in force, and the files they came from. A change on disk is built and validated first
 * and then swapped in whole; while the files hold a mistake the last good ones go on deciding.
 */
export class Policies {
  current: Ruleset;
  /** The same with the plugins that an operator has turned off. */
  loaded: Ruleset;
  /** Names of plugins that an operator has turned off. */
  readonly off = new Set<string>();
  /** Why what is on disk is not in force; empty when it is. */
  problems: readonly Problem[] = [];
  loadedAt: number;
  reloads = 0;
  /** What came of reading the files, those times that something was different. */
  readonly history = new Recent<Reading>(KEPT_READINGS);
  readonly #options: PoliciesOptions;
  readonly #loader: RulesetLoader;
  /** Every file that was read or looked for last. */
  #files: readonly string[];
  #listener: (before: Ruleset | null) => void = () => {};
  #watcher: {
    add(folders: string[]): unknown;
    unwatch(folders: string[]): unknown;
    close(): Promise<void>;
  } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looks: NodeJS.Timeout | null = null;
  /** How the files and their folders stood at the last reading or look. */
  #stood = "";
  /** One reading at a time. */
  readonly #readings = new Lane();

  private constructor(
    options: PoliciesOptions,
    loader: RulesetLoader,
    current: Ruleset,
    files: readonly string[],
  ) {
    this.#options = options;
    this.#loader = loader;
    this.current = current;
    this.loaded = current;
    this.#files = files;
    this.loadedAt = options.clock();
    this.#remember();
  }

  /** @throws PolicyError */
  static async open(given: PoliciesOptions): Promise<Policies> {
    const absolute = (paths: readonly string[]) => paths.map((path) => resolve(path));
    const options = { ...given, policies: absolute(given.policies), plugins: absolute(given.plugins) };
    const { log } = options;
    const onPluginLines = (plugin: string, lines: readonly string[]) => {
      for (const line of lines) log("info", `plugin ${plugin}: ${sanitize(line)}`);
    };
    const loader = new RulesetLoader({ log, onPluginLines });
    const loaded = await loader.load(options);
    if (loaded.ok) return new Policies(options, loader, loaded.ruleset, loaded.paths);
    loader.close();
    throw new PolicyError(loaded.problems);
  }

  /**
   * Follows the files from now on.
   *
   * @param listener told after each reading that changed something, with what was in force before where something
   *   else is now
   */
  async watch(listener: (before: Ruleset | null) => void): Promise<void> {
    this.#listener = listener;
    const { watch } = await import("chokidar");
    const watcher = watch(this.#folders(), { depth: 0, ignoreInitial: true });
    this.#watcher = watcher;
    watcher.on("all", (_event, path) => {
      if (/\.ya?ml$/.test(path) || this.#files.includes(path)) this.#soon();
    });
    watcher.on("ready", () => this.#soon()); // what changed before the watch began
    this.#looks = setInterval(() => void this.#look(), LOOK_MS);
    this.#looks.unref();
  }

  /** Whether the files are others than at the last reading, whatever the watch says. */
  async #look(): Promise<void> {
    const folders = this.#folders();
    const stands = await fileStates([...this.#files, ...folders]);
    if (stands === this.#stood || this.#watcher === null) return;
    this.#stood = stands;
    this.#watcher.unwatch(folders);
    this.#watcher.add(folders);
    this.#soon();
  }

  /** Folders, not files: a save by rename gives the file a new inode. */
  #folders(): string[] {
    const files = [...this.#options.policies, ...this.#files];
    return [...new Set([...this.#options.policies, ...files.map((path) => dirname(path))])];
  }

  #soon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const failed = (error: Error) =>
      this.#options.log("error", `the policy could not be read again: ${error.stack}`);
    this.#timer = setTimeout(() => void this.reload().catch(failed), SETTLE_MS);
    this.#timer.unref();
  }

  /** Reads the files again now. */
  reload(): Promise<void> {
    return this.#readings.run(() => this.#read());
  }

  async #read(): Promise<void> {
    const before = this.loaded;
    this.#stood = await fileStates([...this.#files, ...this.#folders()]);
    const loaded = await this.#loader.load(this.#options, before.seats);
    this.#files = loaded.paths;
    this.#watcher?.add(this.#folders());
    if (!loaded.ok) {
      if (JSON.stringify(loaded.problems) === JSON.stringify(this.problems)) return;
      this.problems = loaded.problems;
      this.#remember();
      return this.#listener(null);
    }
    const { ruleset } = loaded;
    const same = alike(ruleset, before);
    if (same && this.problems.length === 0) return;
    this.problems = [];
    if (!same) {
      this.loaded = ruleset;
      this.#enforce();
      this.loadedAt = this.#options.clock();
      this.reloads++;
      if (before.seats.length > 0) await this.#retire(before.seats);
    }
    this.#remember();
    this.#listener(same ? null : before);
  }

  /**
   * Reads the files, or others, and puts nothing in force. To be dismissed when it is of no use any more.
   *
   * @param paths null for the files themselves
   */
  draft(paths: readonly string[] | null): Promise<LoadedRuleset> {
    const from = paths === null ? this.#options : { ...this.#options, policies: paths };
    return this.#readings.run(() => this.#loader.load(from, this.loaded.seats));
  }

  async dismiss({ seats }: Ruleset): Promise<void> {
    if (seats.length > 0) await this.#retire(seats);
  }

  /** Turns plugins of a name off or on. */
  turn(name: string, on: boolean): void {
    if (on) this.off.delete(name);
    else this.off.add(name);
    this.#enforce();
  }

  #enforce(): void {
    const { policy, seats } = this.loaded;
    const asked = seats.filter(({ plugin }) => !this.off.has(plugin.name));
    this.current = asked.length === seats.length ? this.loaded : { policy, seats: asked };
  }

  #remember(): void {
    const { hash, rules } = this.current.policy;
    const [p] = this.problems;
    const problem = p === undefined ? "" : `${p.file}:${p.line}:${p.col} ${p.message}`;
    this.history.add({ time: this.#options.clock(), ok: p === undefined, hash, rules, problem });
  }

  async #retire(before: readonly Seat[]): Promise<void> {
    const { retire } = await import("../plugins/seats.ts");
    retire(before, this.loaded.seats);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#looks !== null) clearInterval(this.#looks);
    const watcher = this.#watcher;
    this.#watcher = null; // a reading that is under way adds nothing to it any more
    await watcher?.close();
    this.#loader.close();
  }
}

const alike = (a: Ruleset, b: Ruleset): boolean =>
  a.policy.hash === b.policy.hash &&
  a.seats.length === b.seats.length &&
  a.seats.every(({ plugin }, i) => plugin === b.seats[i]?.plugin);
