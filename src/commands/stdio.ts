import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { Gateway } from "../gateway/gateway.ts";
import { Session } from "../gateway/session.ts";
import { Child } from "../wire/child.ts";
import { feed, writeLine } from "../wire/flow.ts";
import { LineDecoder } from "../wire/framing.ts";
import { ErrorCode, Refusal } from "../wire/message.ts";
import { attachSignals, eachLine, logToStderr } from "./headless.ts";
import type { GateOptions } from "./options.ts";

/**
 * The gateway an agent's configuration starts: the agent on stdin and stdout, the server as a child.
 *
 * @returns the server's exit status
 * @throws what `Gateway` throws; StartError
 */
export async function stdio(options: GateOptions): Promise<number> {
  const output = claimStdout();
  const [upstream] = options.upstreams;
  const gateway = new Gateway({ ...options, transport: "stdio" });
  logToStderr(gateway, options.logLevel);
  const child = await Child.start(upstream).catch(async (error) => {
    await gateway.close("the server could not be started");
    throw error;
  });
  const session = new Session(gateway.sessionId(), upstream.name, gateway, {
    answer: (frame) => writeLine(output, frame),
    tell: (frame) => writeLine(output, frame),
    toUpstream: (frame) => writeLine(child.stdin, frame),
  });

  const limit = options.maxMessage;
  const fromAgent = new LineDecoder(
    {
      onFrame: (frame) => {
        const error = session.receiveFromAgent(frame);
        if (error !== null) writeLine(output, error);
      },
      onOversize: () => writeLine(output, session.refuse(oversize(limit))),
    },
    limit,
  );
  const fromUpstream = new LineDecoder(
    {
      onFrame: (frame) => session.receiveFromUpstream(frame),
      onOversize: () => session.drop(`longer than ${limit} bytes`),
    },
    limit,
  );
  feed(process.stdin, fromAgent, () => [child.stdin, output]);
  feed(child.stdout, fromUpstream, () => [output]);
  eachLine(child.stderr, (line) => process.stderr.write(`${line}\n`));

  process.stdin.on("end", () => void child.stop());
  output.on("error", () => void child.stop()); // the agent has gone
  attachSignals(() => void child.stop(0));
  gateway.attempt(() => void gateway.attend().catch((error: Error) => gateway.log("error", error.message)));

  const status = await child.exited;
  session.end(`the server ${describe(status)} before it answered`);
  await gateway.close(`the server ${describe(status)}`);
  await new Promise<void>((resolve) => output.write("", () => resolve()));
  return status;
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

function oversize(limit: number): Refusal {
  return new Refusal(ErrorCode.invalidRequest, `A message is longer than ${limit} bytes (--max-message).`);
}

function describe(status: number): string {
  return status > 128 ? `was ended by signal ${status - 128}` : `exited with status ${status}`;
}
