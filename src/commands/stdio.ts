import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { drained, feed, writeLine } from "../wire/flow.ts";
import { LineDecoder } from "../wire/framing.ts";
import { ErrorCode, Refusal } from "../wire/message.ts";
import { attachSignals, logToStderr } from "./headless.ts";
import type { GateOptions } from "./options.ts";
import { reachOf, startEarly } from "./upstreams.ts";
import { UsageError } from "./usage-error.ts";

/** How long screens and the watch over files wait for the first answer, which they would hold up, in ms. */
const ATTEND_MS = 250;

/**
 * The gateway an agent's configuration starts: the agent on stdin and stdout, one server behind it.
 *
 * @returns the server's exit status
 * @throws what `Gateway` throws; StartError
 */
export async function stdio(options: GateOptions): Promise<number> {
  const [upstream, second] = options.upstreams;
  if (second !== undefined) {
    throw new UsageError("an agent on stdio has one server: say which of --servers with --name");
  }
  const output = claimStdout();
  let stop = (): Promise<unknown> => early.abandon().then(() => process.exit(143));
  attachSignals(() => void stop()); // first: a signal must not come between a server and what would end it
  const early = startEarly(upstream, options.maxMessage);
  const [{ Gateway }, { howItWent, Session }] = await Promise.all([
    import("../gateway/gateway.ts"),
    import("../gateway/session.ts"),
  ]);
  let gateway: Awaited<ReturnType<typeof Gateway.open>>;
  try {
    const reach = reachOf(options.upstreams, options.maxMessage);
    gateway = await Gateway.open({ ...options, transport: "stdio", reach });
  } catch (error) {
    await early.abandon();
    throw error;
  }
  logToStderr(gateway, options.logLevel);
  const attendance = onceOrAfter(ATTEND_MS, () => {
    gateway.attend().catch((error: Error) => gateway.log("error", error.message));
  });
  const opening = Session.open({
    id: gateway.sessionId(),
    upstream: upstream.name,
    connect: early.connect,
    agent: {
      answer(frame) {
        writeLine(output, frame);
        attendance.begin();
      },
      tell: (frame) => writeLine(output, frame),
      cancelled: () => {},
      sinks: () => [output],
    },
    gate: gateway,
  });
  stop = () => opening.then((open) => open.server.stop(0)).catch(() => {});
  const { session, server } = await opening.catch(async (error) => {
    attendance.never();
    await gateway.close("the server could not be started");
    throw error;
  });

  const fromAgent = new LineDecoder(
    {
      onFrame: (frame) => {
        const error = session.receiveFromAgent(frame);
        if (error !== null) writeLine(output, error);
      },
      onOversize: (limit) => writeLine(output, session.refuse(tooLong(limit))),
    },
    options.maxMessage,
  );
  feed(process.stdin, fromAgent, () => drained([output, ...server.sinks()]));

  process.stdin.on("end", () => void server.stop());
  output.on("error", () => void server.stop()); // the agent has gone

  const status = await server.gone;
  attendance.never();
  await session.reviewed();
  session.end(`the server ${howItWent(status)} before it answered`);
  await gateway.close(`the server ${howItWent(status)}`);
  await new Promise<void>((resolve) => output.end(() => resolve()));
  return status;
}

/** Does `work` once: soon after `begin`, or after a time (ms) without it; not at all after `never`. */
function onceOrAfter(ms: number, work: () => void) {
  let timer: NodeJS.Timeout | null = setTimeout(() => begin(), ms);
  const never = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const begin = () => {
    if (timer === null) return;
    never();
    setImmediate(work);
  };
  return { begin, never };
}

/**
 * Keeps stdout for the protocol: whatever else prints there, of any dependency, goes to stderr. Node's own
 * stdout blocks the process while the reader of a pipe is slow, so a pipe gets a stream that does not.
 */
function claimStdout(): Writable {
  let output: Writable;
  try {
    output = new Socket({ fd: 1, readable: false, writable: true });
  } catch {
    output = process.stdout; // a file or a terminal
  }
  Object.defineProperty(process, "stdout", { get: () => process.stderr });
  return output;
}

function tooLong(limit: number): Refusal {
  return new Refusal(ErrorCode.invalidRequest, `A message is longer than ${limit} bytes (--max-message).`);
}
