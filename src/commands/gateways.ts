import { type ControlError, connectGateway } from "../control/client.ts";
import { removeStale, socketsIn } from "../control/discover.ts";
import type { GatewayView, Snapshot } from "../control/protocol.ts";
import { sanitize } from "../sanitize.ts";
import { locateHome } from "../state/home.ts";

/** A running gateway, attached to. */
export interface Attached {
  readonly gateway: GatewayView;
  /** As it was when attached. */
  readonly snapshot: Snapshot;
  command(text: string): Promise<unknown>;
  close(): void;
}

/**
 * Attaches to every running gateway of this user, the longest running first. A socket nobody listens on any more
 * is no gateway; one that cannot be talked to is told of on stderr.
 * @throws UnsafeFolder
 */
export async function attachAll(): Promise<Attached[]> {
  const { runDir } = locateHome();
  const attached = await Promise.all((await socketsIn(runDir)).map(attach));
  const found = attached.filter((each) => each !== null);
  return found.sort((a, b) => a.gateway.startedAt - b.gateway.startedAt);
}

async function attach(path: string): Promise<Attached | null> {
  const first = Promise.withResolvers<Snapshot>();
  first.promise.catch(() => {}); // It may end before anyone waits for it.
  try {
    const connection = await connectGateway(path, {
      snapshot: first.resolve,
      events() {},
      closed: first.reject,
    });
    return { ...connection, snapshot: await first.promise };
  } catch (error) {
    const { code, message } = error as ControlError;
    if (code === "refused") await removeStale(path);
    else if (code !== "unreachable" && code !== "closed")
      process.stderr.write(`callgate: ${sanitize(message)}\n`);
    return null;
  }
}

export const NO_GATEWAY = "no gateway is running; callgate run, serve or stdio starts one";
