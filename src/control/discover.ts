/** Finds the gateways of this machine by their sockets in `<CALLGATE_HOME>/run`. */
import { type FSWatcher, watch } from "node:fs";
import { lstat, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";

export type Discovery = {
  /** When those that are there now have been announced. */
  readonly ready: Promise<void>;
  /** The caller is done with this socket: announce it again if it is (still or anew) there. */
  release(path: string): void;
  close(): void;
};

/** fs.watch misses events on some file systems and needs the directory to exist; the poll makes up for both. */
const POLL_MS = 1_000;

/** Where anyone but its owner could put a socket, or where that is another user: nothing there is to be trusted. */
export class UnsafeFolder extends Error {
  override readonly name = "UnsafeFolder";
}

/**
 * The control sockets in `directory`; none where it is not there. What is no socket is left alone.
 * @throws UnsafeFolder saying what to do
 */
export async function socketsIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => null);
  if (entries === null) return [];
  const { uid, mode } = await lstat(directory);
  const me = process.getuid?.() ?? uid;
  if (uid !== me)
    throw new UnsafeFolder(
      `${directory} belongs to another user (${uid}, this is ${me}), who could show you anything: ` +
        "set CALLGATE_HOME to a folder of your own",
    );
  if ((mode & 0o022) !== 0)
    throw new UnsafeFolder(`${directory} can be written by other users: chmod 700 ${directory}`);
  return entries
    .filter((entry) => entry.name.endsWith(".sock") && entry.isSocket())
    .map(({ name }) => join(directory, name));
}

/**
 * Calls `found` once for each socket in `directory`, now and as they appear.
 *
 * @param trouble told, once, why the directory is not looked into; from then on it is tried again
 */
export function discoverGateways(
  directory: string,
  found: (path: string) => void,
  trouble: (message: string) => void,
): Discovery {
  const announced = new Set<string>();
  let watcher: FSWatcher | null = null;
  let scanning = false;
  let closed = false;
  let told = "";

  async function look(): Promise<string[]> {
    try {
      const paths = await socketsIn(directory);
      told = "";
      return paths;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== told && !closed) trouble(message);
      told = message;
      return [];
    }
  }

  async function scan(): Promise<void> {
    if (scanning || closed) return;
    scanning = true;
    const paths = await look();
    scanning = false;
    if (closed) return;
    for (const path of paths) {
      if (announced.has(path)) continue;
      announced.add(path);
      found(path);
    }
    watcher ??= listen();
  }

  function listen(): FSWatcher | null {
    try {
      const opened = watch(directory, () => void scan());
      opened.on("error", () => {
        opened.close();
        watcher = null;
      });
      return opened;
    } catch {
      return null; // Not there yet: the next poll tries again.
    }
  }

  const poll = setInterval(() => void scan(), POLL_MS);
  return {
    ready: scan(),
    release: (path) => void announced.delete(path),
    close() {
      closed = true;
      clearInterval(poll);
      watcher?.close();
    },
  };
}

/** A socket is a file before anyone listens on it; only one refused at this age was left by a crash. */
const STALE_AFTER_MS = 5_000;

/** Removes a socket that refused a connection, unless it is so new that its gateway may be just starting. */
export async function removeStale(path: string): Promise<void> {
  try {
    const found = await lstat(path);
    if (found.isSocket() && Date.now() - found.ctimeMs > STALE_AFTER_MS) await unlink(path);
  } catch {
    // Gone already, or not ours to remove: either way there is nothing to connect to.
  }
}
