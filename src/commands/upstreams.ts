import { Child } from "../wire/child.ts";
import { attach, childUpstream } from "../wire/child-upstream.ts";
import { type Owner, type SharedUpstream, sharedUpstream } from "../wire/shared-upstream.ts";
import type { Connect } from "../wire/upstream.ts";
import type { UpstreamOption } from "./options.ts";

/**
 * How to reach the server an option names.
 *
 * @param maxMessage longest message taken from it, in bytes
 */
export function connectTo({ child, remote }: UpstreamOption, maxMessage: number): Connect {
  if (remote === null) return childUpstream(child, maxMessage);
  // Not loaded where servers are processes; one origin for all sessions, which share its connections.
  const loading = once(async () => {
    const [{ httpUpstream }, { Origin }] = await Promise.all([
      import("../wire/http/upstream.ts"),
      import("../wire/http/origin.ts"),
    ]);
    return httpUpstream(new Origin(remote.url, remote.headers), maxMessage);
  });
  return async (events) => (await loading())(events);
}

/** How to reach each of the servers, by its name. */
export function reachOf(upstreams: readonly UpstreamOption[], maxMessage: number): (name: string) => Connect {
  return (name) => {
    const upstream = upstreams.find((each) => each.name === name);
    if (upstream === undefined) throw new Error(`there is no server ${name}`);
    return connectTo(upstream, maxMessage);
  };
}

/** The same for agents of the modern era, who share a server that is a process. */
export function shareWith(upstream: UpstreamOption, maxMessage: number, owner: Owner): SharedUpstream {
  const connect = connectTo(upstream, maxMessage);
  return upstream.remote === null
    ? sharedUpstream(connect, owner)
    : { connect, sinks: () => [], stop: async () => {} };
}

/** A server for one session, started before there is one. */
export interface EarlyUpstream {
  readonly connect: Connect;
  /** There will be no session: ends the server, which has been told nothing. */
  abandon(): Promise<void>;
}

/** Starts a server that is a process at once, to be ready while the gateway itself still loads. */
export function startEarly(upstream: UpstreamOption, maxMessage: number): EarlyUpstream {
  if (upstream.remote !== null) return { connect: connectTo(upstream, maxMessage), abandon: async () => {} };
  const starting = Child.start(upstream.child);
  starting.catch(() => {}); // `connect` says so
  return {
    connect: async (events) => attach(await starting, events, maxMessage),
    async abandon() {
      const child = await starting.catch(() => null);
      await child?.stop(0);
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
