import { Child, type ChildCommand } from "./child.ts";
import { drained, eachLine, feed, writeLine } from "./flow.ts";
import { LineDecoder } from "./framing.ts";
import type { Connect, Upstream, UpstreamEvents } from "./upstream.ts";

/**
 * A server as a child, spoken to over stdio (MCP transports, "stdio"), started anew for each session.
 *
 * @param maxMessage longest message taken from it, in bytes
 */
export function childUpstream(command: ChildCommand, maxMessage: number): Connect {
  return async (events) => attach(await Child.start(command), events, maxMessage);
}

/** The same for a child that has been started already, and says nothing until it is attached. */
export function attach(child: Child, events: UpstreamEvents, maxMessage: number): Upstream {
  const lines = new LineDecoder(
    {
      onFrame: (frame) => events.onFrame(frame),
      onOversize: (limit) => events.onDropped(`a line longer than ${limit} bytes (--max-message)`),
    },
    maxMessage,
  );
  feed(child.stdout, lines, () => drained(events.sinks()));
  eachLine(child.stderr, (line) => events.onNote(line));
  return {
    send: (frame) => writeLine(child.stdin, frame),
    sinks: () => [child.stdin],
    gone: child.exited,
    stop: (grace) => child.stop(grace),
  };
}
