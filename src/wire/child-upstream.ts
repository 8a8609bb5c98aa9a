import { Child, type ChildCommand } from "./child.ts";
import { drained, eachLine, feed, writeLine } from "./flow.ts";
import { LineDecoder } from "./framing.ts";
import type { Connect } from "./upstream.ts";

/**
 * A server started as a child and spoken to over stdio (MCP transports, "stdio").
 *
 * @param maxMessage longest message taken from it, in bytes
 */
export function childUpstream(command: ChildCommand, maxMessage: number): Connect {
  return async (events) => {
    const child = await Child.start(command);
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
  };
}
