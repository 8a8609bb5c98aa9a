/** The screen's end of the control socket: one connection to one gateway. Reconnecting is the caller's job. */
import { createConnection, type Socket } from "node:net";
import { z } from "zod";
import { shortLines } from "./lines.ts";
import {
  type ClientMessage,
  type Event,
  type GatewayView,
  PROTOCOL_VERSION,
  type ServerMessage,
  type Snapshot,
  serverMessage,
} from "./protocol.ts";

/** Why a connection or a command failed. */
export type ControlErrorCode =
  /** No socket at the path, or not ours to open. */
  | "unreachable"
  /** A socket file that nobody listens on. */
  | "refused"
  /** The gateway speaks another version of the protocol. */
  | "version"
  /** The other end sent something that is not the protocol. */
  | "protocol"
  /** The gateway has no room for another screen. */
  | "full"
  /** Nothing came in time. */
  | "timeout"
  /** The connection ended. */
  | "closed"
  /** The gateway answered a command with an error. */
  | "command";

/** What went wrong with a gateway's control socket, in words for a person. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.name = "ControlError";
    this.code = code;
  }
}

/** What a gateway says, in order. `snapshot` may come again at any time and replaces everything before it. */
export type GatewayHandlers = {
  snapshot(snapshot: Snapshot): void;
  events(events: Event[]): void;
  /** Called once, after which nothing else comes; null when this end closed it. */
  closed(error: ControlError | null): void;
};

export type GatewayConnection = {
  readonly gateway: GatewayView;
  /** Sends a command line and gives its answer; rejects with a ControlError. */
  command(text: string): Promise<unknown>;
  close(): void;
};

/** A snapshot carries up to some thousand calls; nothing legitimate comes near this. */
const LINE_LIMIT = 32 * 1024 * 1024;
/** For hello and snapshot. */
const OPEN_TIMEOUT = 5_000;
const COMMAND_TIMEOUT = 10_000;
/** Characters told of what is wrong with a message. */
const MOST_TOLD = 300;

type Waiting = { resolve(value: unknown): void; reject(error: ControlError): void; timer: NodeJS.Timeout };

/** Connects and waits for the hello. Rejects with a ControlError when there is no gateway to talk to. */
export function connectGateway(path: string, handlers: GatewayHandlers): Promise<GatewayConnection> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const connection = new Connection(socket, path, handlers, { resolve, reject });
    socket.on("data", (chunk: Buffer) => connection.read(chunk));
    socket.on("error", (error: NodeJS.ErrnoException) => connection.end(connectError(path, error)));
    socket.on("close", () => connection.end(new ControlError("closed", "the gateway ended")));
  });
}

class Connection {
  readonly #socket: Socket;
  readonly #path: string;
  readonly #handlers: GatewayHandlers;
  readonly #lines = shortLines(LINE_LIMIT, (line) => {
    if (!this.#ended) this.#receive(this.#parse(line));
  });
  readonly #waiting = new Map<number, Waiting>();
  /** Runs until the first snapshot. */
  readonly #openTimer: NodeJS.Timeout;
  #opening: { resolve(connection: GatewayConnection): void; reject(error: ControlError): void } | null;
  #ended = false;
  #nextId = 1;

  constructor(
    socket: Socket,
    path: string,
    handlers: GatewayHandlers,
    opening: { resolve(connection: GatewayConnection): void; reject(error: ControlError): void },
  ) {
    this.#socket = socket;
    this.#path = path;
    this.#handlers = handlers;
    this.#opening = opening;
    this.#openTimer = setTimeout(
      () =>
        this.end(
          new ControlError("timeout", `${path}: the gateway does not answer; is its process stopped?`),
        ),
      OPEN_TIMEOUT,
    );
  }

  read(chunk: Buffer): void {
    try {
      this.#lines.push(chunk);
    } catch (error) {
      this.end(
        error instanceof ControlError
          ? error
          : new ControlError("protocol", `${this.#path}: ${error instanceof Error ? error.message : error}`),
      );
    }
  }

  end(error: ControlError | null): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#openTimer);
    this.#socket.destroy();
    const why = error ?? new ControlError("closed", "the connection was closed");
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(why);
    }
    this.#waiting.clear();
    if (this.#opening) this.#opening.reject(why);
    else this.#handlers.closed(error);
    this.#opening = null;
  }

  #parse(line: string): ServerMessage {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw new ControlError("protocol", `${this.#path}: a line is not JSON`);
    }
    this.#checkVersion(json);
    const parsed = serverMessage.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new ControlError(
      "protocol",
      `${this.#path}: unexpected message (${z.prettifyError(parsed.error).slice(0, MOST_TOLD)})`,
    );
  }

  // Before anything else of a hello is looked at: another version may lay out the rest differently.
  #checkVersion(json: unknown): void {
    const hello = this.#opening && helloVersion.safeParse(json);
    if (!hello?.success || hello.data.protocol === PROTOCOL_VERSION) return;
    throw new ControlError(
      "version",
      `start gateway and screen from the same callgate: one speaks control protocol ${hello.data.protocol}, the other ${PROTOCOL_VERSION} (${this.#path})`,
    );
  }

  #receive(received: ServerMessage): void {
    if (received.type === "hello") this.#open(received.gateway);
    else if (received.type === "bye") throw new ControlError("full", `${this.#path}: ${received.reason}`);
    else if (this.#opening)
      throw new ControlError("protocol", `${this.#path}: ${received.type} before hello`);
    else if (received.type === "snapshot") {
      clearTimeout(this.#openTimer);
      this.#handlers.snapshot(received.snapshot);
    } else if (received.type === "events") this.#handlers.events(received.events);
    else this.#answer(received.id, received);
  }

  #open(gateway: GatewayView): void {
    this.#opening?.resolve({
      gateway,
      command: (text) => this.#command(text),
      close: () => this.end(null),
    });
    this.#opening = null;
  }

  #command(text: string): Promise<unknown> {
    if (this.#ended) return Promise.reject(new ControlError("closed", "the gateway has ended"));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new ControlError("timeout", `no answer to "${text}" within ${COMMAND_TIMEOUT / 1000}s`));
      }, COMMAND_TIMEOUT);
      this.#waiting.set(id, { resolve, reject, timer });
      const sent: ClientMessage = { type: "command", id, command: text };
      this.#socket.write(`${JSON.stringify(sent)}\n`);
    });
  }

  #answer(id: number, answer: { ok: true; result?: unknown } | { ok: false; error: string }): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return; // It came after its timeout.
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (answer.ok) waiting.resolve(answer.result);
    else waiting.reject(new ControlError("command", answer.error));
  }
}

const helloVersion = z.object({ type: z.literal("hello"), protocol: z.number() });

function connectError(path: string, error: NodeJS.ErrnoException): ControlError {
  if (error.code === "ECONNREFUSED")
    return new ControlError("refused", `${path}: nobody listens here any more`);
  if (error.code === "ENOENT") return new ControlError("unreachable", `${path}: no such socket`);
  if (error.code === "EACCES") return new ControlError("unreachable", `${path}: belongs to another user`);
  return new ControlError("closed", `${path}: ${error.message}`);
}
