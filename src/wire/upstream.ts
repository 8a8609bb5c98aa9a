import type { Writable } from "node:stream";
import type { Message, RequestId } from "./message.ts";

export type Frame = Buffer | string;

/** An MCP server as the gateway reaches it, whatever the transport. */
export interface Upstream {
  /**
   * Sends one message.
   *
   * @param frame its bytes, on one line
   * @param message what they say
   * @param mirrored headers that came with it and go on with it (MCP 2026-07-28 "Custom Headers")
   */
  send(frame: Frame, message: Message, mirrored?: Readonly<Record<string, string>>): void;
  /** What is written to it: agents are read no faster than these take. */
  sinks(): readonly Writable[];
  /** Resolves once it is gone, with its exit status; 0 for one that is not a process. */
  readonly gone: Promise<number>;
  /**
   * Ends it.
   * @param grace how long it may take to leave by itself, in ms
   */
  stop(grace?: number): Promise<number>;
}

/** What an upstream tells its session. */
export interface UpstreamEvents {
  /** One message of the server; the bytes are good only during the call. */
  onFrame(frame: Buffer): void;
  /** Something of the server's that is no message and goes no further; `answers` is the request it answers, if any. */
  onDropped(reason: string, answers?: RequestId): void;
  /** A line a person may want to read: what a server prints on stderr, a connection lost and found. */
  onNote(line: string): void;
  /** What the server's messages are written to: it is read no faster than these take. */
  sinks(): readonly Writable[];
}

/** Starts or reaches a server for one session. */
export type Connect = (events: UpstreamEvents) => Promise<Upstream>;
