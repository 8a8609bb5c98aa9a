import type { CallView } from "../control/protocol.ts";
import { Gateway } from "../gateway/gateway.ts";
import { HttpFront } from "../gateway/http/http.ts";
import { isLoopback } from "../wire/http/guard.ts";
import { attachSignals, logToStderr } from "./headless.ts";
import { summary } from "./lines.ts";
import type { ServeOptions } from "./options.ts";
import { connectTo, reachOf, shareWith } from "./upstreams.ts";
import { UsageError } from "./usage-error.ts";

/** A gateway that listens on HTTP, with no screen of its own. */
export interface Serving {
  readonly gateway: Gateway;
  readonly urls: readonly string[];
  close(reason: string): Promise<void>;
}

/** @throws what `Gateway` throws; UsageError; Error where the port cannot be had */
export async function startServing(options: ServeOptions): Promise<Serving> {
  const { bind, port, token, maxMessage } = options;
  if (!isLoopback(bind) && token === null) {
    throw new UsageError(`--bind ${bind} opens the gateway to the network: give agents a --token to show`);
  }
  const reach = reachOf(options.upstreams, maxMessage);
  const gateway = await Gateway.open({ ...options, transport: "http", reach });
  const shared = new Map(
    options.upstreams.map((upstream) => {
      const from = { id: "", upstream: upstream.name };
      const owner = {
        onDropped: (reason: string) => gateway.refused(from, "upstream", reason),
        onNote: (line: string) => gateway.note(from, line),
      };
      return [upstream, shareWith(upstream, maxMessage, owner)];
    }),
  );
  const upstreams = [...shared].map(([upstream, one]) => ({
    name: upstream.name,
    connect: connectTo(upstream, maxMessage),
    shared: one,
  }));
  const front = new HttpFront(gateway, { bind, port, token, maxMessage, upstreams });
  try {
    const urls = await front.listen();
    await gateway.attend();
    return {
      gateway,
      urls,
      close: async (reason) => {
        await front.close();
        await Promise.all([...shared.values()].map((upstream) => upstream.stop()));
        await gateway.close(reason);
      },
    };
  } catch (error) {
    await gateway.close("the gateway could not start");
    throw error;
  }
}

/**
 * Serves until a signal ends it.
 *
 * @param onDone told of each call that has been denied or settled
 */
export async function serve(
  options: ServeOptions,
  onDone: (call: CallView) => void = () => {},
): Promise<number> {
  const { gateway, urls, close } = await startServing(options);
  logToStderr(gateway, options.logLevel);
  gateway.history.onDone = onDone;
  const ending = new Promise<NodeJS.Signals>((resolve) => attachSignals(resolve)); // before anyone knows of it
  for (const url of urls) process.stderr.write(`callgate listening on ${url}\n`);
  const signal = await ending;
  await close(`the gateway was ended by ${signal}`);
  process.stderr.write(`${summary(gateway.history.totals, gateway.history.denials())}\n`);
  return 0;
}
