/** Finds the gateways of this machine by their sockets in `<CALLGATE_HOME>/run`. */
import { type FSWatcher, watch } from "node:fs";
import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";

export type Discovery = {
  /** The caller is done with this socket: announce it again if it is (still or anew) there. */
  release(path: string): void;
  close(): void;
};

/** fs.watch misses events on some file systems and needs the directory to exist; the poll makes up for both. */
const POLL_MS = 1_000;

/** Calls `found` once for each socket in `directory`, now and as they appear. */
export function discoverGateways(directory: string, found: (path: string) => void): Discovery {
  const announced = new Set<string>();
  let watcher: FSWatcher | null = null;
  let scanning = false;
  let closed = false;

  async function scan(): Promise<void> {
    if (scanning || closed) return;
    scanning = true;
    const names = await readdir(directory).catch(() => []);
    scanning = false;
    if (closed) return;
    for (const name of names) {
      const path = join(directory, name);
      if (!name.endsWith(".sock") || announced.has(path)) continue;
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
  void scan();
  return {
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
    const { ctimeMs } = await stat(path);
    if (Date.now() - ctimeMs > STALE_AFTER_MS) await unlink(path);
  } catch {
    // Gone already, or not ours to remove: either way there is nothing to connect to.
  }
}
