import type { Writable } from "node:stream";
import type { RequestId } from "./message.ts";
import type { Frame } from "./upstream.ts";

/** The agent, as its session sees it. */
export interface AgentEnd {
  /** The answer to the agent's request `id`. */
  answer(frame: Frame, id: RequestId): void;
  /** Anything else for the agent; `about` is the request of its own that it concerns, where that is known. */
  tell(frame: Frame, about: RequestId | null): void;
  /** It cancelled its request `id`, and waits for no answer. */
  cancelled(id: RequestId): void;
  /** What is written to it: its server is read no faster than these take. */
  sinks(): readonly Writable[];
}
