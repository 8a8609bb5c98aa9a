import { dirname, resolve } from "node:path";
import type { Policy } from "../policy/compile/compile.ts";
import { type Loaded, loadPolicies } from "../policy/source/load.ts";
import type { Problem } from "../policy/types.ts";
import { Recent } from "./recent.ts";

/** Quiet time after a change before the files are read: editors write in several steps. */
const SETTLE_MS = 40;

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

/**
 * The policy in force and the files it came from. A change on disk is built and validated first and then
 * swapped in whole; while the files hold a mistake the last good policy goes on deciding.
 */
export class Policies {
  current: Policy;
  /** Why what is on disk is not in force; empty when it is. */
  problems: readonly Problem[] = [];
  loadedAt: number;
  reloads = 0;
  /** What came of reading the files, those times that something was different. */
  readonly history = new Recent<Reading>(KEPT_READINGS);
  readonly #paths: readonly string[];
  readonly #clock: () => number;
  /** Every file that was read last, those that others include too. */
  #files: readonly string[] = [];
  #listener: (before: Policy | null) => void = () => {};
  #watcher: { add(folders: string[]): unknown; close(): Promise<void> } | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @throws PolicyError */
  constructor(paths: readonly string[], clock: () => number) {
    this.#paths = paths.map((path) => resolve(path));
    this.#clock = clock;
    const loaded = this.#load();
    if (!loaded.ok) throw new PolicyError(loaded.problems);
    this.current = loaded.policy;
    this.loadedAt = clock();
    this.#remember();
  }

  /**
   * Follows the files from now on.
   *
   * @param listener told after each reading that changed something, with the policy that was in force before
   *   where another is now
   */
  async watch(listener: (before: Policy | null) => void): Promise<void> {
    this.#listener = listener;
    const { watch } = await import("chokidar");
    const watcher = watch(this.#folders(), { depth: 0, ignoreInitial: true });
    this.#watcher = watcher;
    watcher.on("all", (_event, path) => {
      if (/\.ya?ml$/.test(path)) this.#soon();
    });
    watcher.on("ready", () => this.#soon()); // what changed before the watch began
  }

  /** Folders, not files: a save by rename gives the file a new inode. */
  #folders(): string[] {
    return [...new Set([...this.#paths, ...[...this.#paths, ...this.#files].map((path) => dirname(path))])];
  }

  #load(): Loaded {
    const loaded = loadPolicies(this.#paths);
    this.#files = loaded.paths;
    this.#watcher?.add(this.#folders());
    return loaded;
  }

  #soon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.reload(), SETTLE_MS);
    this.#timer.unref();
  }

  /** Reads the files again now. */
  reload(): void {
    const loaded = this.#load();
    if (!loaded.ok) {
      if (JSON.stringify(loaded.problems) === JSON.stringify(this.problems)) return;
      this.problems = loaded.problems;
      this.#remember();
      return this.#listener(null);
    }
    const before = this.current;
    const same = loaded.policy.hash === before.hash;
    if (same && this.problems.length === 0) return;
    this.problems = [];
    if (!same) {
      this.current = loaded.policy;
      this.loadedAt = this.#clock();
      this.reloads++;
    }
    this.#remember();
    this.#listener(same ? null : before);
  }

  #remember(): void {
    const { hash, rules } = this.current;
    const [p] = this.problems;
    const problem = p === undefined ? "" : `${p.file}:${p.line}:${p.col} ${p.message}`;
    this.history.add({ time: this.#clock(), ok: p === undefined, hash, rules, problem });
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const watcher = this.#watcher;
    this.#watcher = null;
    await watcher?.close();
  }
}
