import { Child, type ChildCommand } from "./child.ts";
import { drained, eachLine, feed, writeLine } from "./flow.ts";
import { type Ends, LineDecoder } from "./framing.ts";
import type { RequestId } from "./message.ts";
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
      onOversize: (limit, ends) =>
        events.onDropped(`a line longer than ${limit} bytes (--max-message)`, answeredBy(ends)),
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

const ID = '("(?:[^"\\\\]|\\\\.)*"|-?\\d+)';
/** At the end of an answer, the id can only be the message's own: nothing but its closing brace follows. */
const ID_LAST = new RegExp(`"id"\\s*:\\s*${ID}\\s*\\}\\s*$`);
const ID_FIRST = new RegExp(`^\\s*\\{\\s*(?:"jsonrpc"\\s*:\\s*"2\\.0"\\s*,\\s*)?"id"\\s*:\\s*${ID}\\s*[,}]`);

/** The id of the request that a line answers, of which only the ends are known; undefined where it cannot be told. */
function answeredBy({ head, tail }: Ends): RequestId | undefined {
  const text = ID_FIRST.exec(head)?.[1] ?? ID_LAST.exec(tail)?.[1];
  if (text === undefined || head.includes('"method"')) return undefined;
  const id: unknown = JSON.parse(text);
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}
