import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The folder where one person's gateways keep what outlives them. All paths are absolute. */
export interface Home {
  readonly dir: string;
  /** SQLite file of the counters. */
  readonly stateFile: string;
  readonly auditDir: string;
  /** Private key that signs the logs. */
  readonly auditKey: string;
  /** Control sockets of running gateways. */
  readonly runDir: string;
  /** Command history of the screen. */
  readonly historyFile: string;
  /** The colours that the person chose for it. */
  readonly themeFile: string;
}

/** The home cannot be made or written. */
export class HomeError extends Error {
  override readonly name = "HomeError";
}

/** Where the home is, by `CALLGATE_HOME` (default `~/.callgate`), without touching the disk. */
export function locateHome(env: NodeJS.ProcessEnv = process.env): Home {
  const dir = resolve(expandTilde(env.CALLGATE_HOME || "~/.callgate"));
  return {
    dir,
    stateFile: join(dir, "state.db"),
    auditDir: join(dir, "audit"),
    auditKey: join(dir, "audit.key"),
    runDir: join(dir, "run"),
    historyFile: join(dir, "history"),
    themeFile: join(dir, "theme"),
  };
}

/**
 * The home, created where it is missing and closed to everyone but its owner.
 * @throws {HomeError} where a folder of it cannot be created, made private or written.
 */
export function openHome(env: NodeJS.ProcessEnv = process.env): Home {
  const home = locateHome(env);
  for (const dir of [home.dir, home.auditDir, home.runDir]) makePrivate(dir);
  return home;
}

function makePrivate(dir: string): void {
  try {
    makeDir(dir);
    // mkdir's mode is ignored for a folder that was there already, and cut down by the umask for a new one.
    if ((statSync(dir).mode & 0o777) !== 0o700) chmodSync(dir, 0o700);
    accessSync(dir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HomeError(
      `${dir} cannot be used (${reason}), so counters cannot be kept; nothing runs uncounted. ` +
        "Make that folder writable, or set CALLGATE_HOME to one that is.",
      { cause },
    );
  }
}

// mkdir's own `recursive` never returns where a folder can have no new entries, such as /proc.
function makeDir(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST" && statSync(dir).isDirectory()) return;
    const parent = dirname(dir);
    if (code !== "ENOENT" || existsSync(parent)) throw error;
    makeDir(parent);
    makeDir(dir);
  }
}

// A home that comes from a JSON config has been through no shell.
function expandTilde(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}
