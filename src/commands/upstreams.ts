import { childUpstream } from "../wire/child-upstream.ts";
import { type SharedUpstream, sharedUpstream } from "../wire/shared-upstream.ts";
import type { Connect } from "../wire/upstream.ts";
import type { UpstreamOption } from "./options.ts";

/**
 * How to reach the server an option names.
 *
 * @param maxMessage longest message taken from it, in bytes
 */
export function connectTo({ child, remote }: UpstreamOption, maxMessage: number): Connect {
  if (remote === null) return childUpstream(child, maxMessage);
  return async (events) => {
    const { httpUpstream } = await import("../wire/http/upstream.ts");
    return httpUpstream({ ...remote, maxMessage })(events);
  };
}

/** The same for agents of the modern era, who share a server that is a process. */
export function shareWith(upstream: UpstreamOption, maxMessage: number): SharedUpstream {
  const connect = connectTo(upstream, maxMessage);
  return upstream.remote === null ? sharedUpstream(connect) : { connect, stop: async () => {} };
}
