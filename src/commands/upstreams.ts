import { childUpstream } from "../wire/child-upstream.ts";
import type { Connect } from "../wire/upstream.ts";
import type { UpstreamOption } from "./options.ts";

/** How to reach the server an option names. `maxMessage` is in bytes. */
export function connectTo(upstream: UpstreamOption, maxMessage: number): Connect {
  return childUpstream(upstream, maxMessage);
}
