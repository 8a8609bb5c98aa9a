import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { shortLines } from "./lines.ts";
import {
  clientMessage,
  type Event,
  type GatewayView,
  PROTOCOL_VERSION,
  type ServerMessage,
  type Snapshot,
} from "./protocol.ts";

/** How often screens are told what changed, in ms. */
const FLUSH_MS = 50;
/** Bytes a reader may be behind before it is dropped from the events until it has caught up. */
const MAX_BEHIND = 4 * 1024 * 1024;
/** Longest line taken from a reader, in bytes. */
const MAX_COMMAND = 256 * 1024;
/** Most readers at a time; nobody has as many terminals. */
const MAX_READERS = 32;
/** Most commands of one reader that wait for their answer. */
const MAX_ASKED = 64;

/** What the control server shows and does. */
export interface ControlSource {
  readonly view: GatewayView;
  snapshot(): Snapshot;
  /** Somebody is looking, or nobody any more. */
  watched(on: boolean): void;
  /** What changed since it was last asked. */
  changes(): Event[];
  /** @throws Error with a message for the person who typed it */
  command(line: string): Promise<unknown>;
}

interface Reader {
  readonly socket: Socket;
  /** Gets no events until it has read what it has; then a snapshot. */
  behind: boolean;
  /** Commands that wait for their answer. */
  asked: number;
}

/** Serves the control protocol on a unix socket. Readers can never slow the gateway. */
export class ControlServer {
  readonly #source: ControlSource;
  readonly #readers = new Set<Reader>();
  readonly #server: Server;
  #pending: Event[] = [];
  #seq = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(source: ControlSource) {
    this.#source = source;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.unref();
  }

  /** Listens on `<dir>/<gateway id>.sock`, mode 0600. */
  listen(dir: string): Promise<void> {
    const path = join(dir, `${this.#source.view.id}.sock`);
    return new Promise((resolve, reject) => {
      this.#server.once("error", (error) =>
        reject(
          new Error(`the control socket ${path} cannot be opened, so no screen can attach: ${error.message}`),
        ),
      );
      this.#server.listen(path, () => {
        chmodSync(path, 0o600);
        resolve();
      });
    });
  }

  /** Adds an event to those of the next flush. */
  publish(event: Event): void {
    if (this.#readers.size > 0 && this.#pending.length < 1_000) this.#pending.push(event);
  }

  #accept(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    if (this.#readers.size >= MAX_READERS) return refuse(socket);
    const reader: Reader = { socket, behind: false, asked: 0 };
    this.#readers.add(reader);
    this.#source.watched(true);
    this.#timer ??= setInterval(() => this.#flush(), FLUSH_MS).unref();
    const lines = shortLines(MAX_COMMAND, (line) => {
      if (!socket.destroyed) void this.#receive(reader, line);
    });
    socket.on("data", (chunk: Buffer) => {
      try {
        lines.push(chunk);
      } catch {
        socket.destroy(); // Nobody types as much.
      }
    });
    socket.on("close", () => this.#leave(reader));
    socket.on("drain", () => {
      if (!reader.behind) return;
      reader.behind = false;
      this.#snapshot(reader);
    });
    this.#send(reader, { type: "hello", protocol: PROTOCOL_VERSION, gateway: this.#source.view });
    this.#snapshot(reader);
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#pending = [];
    this.#source.watched(false);
  }

  #snapshot(reader: Reader): void {
    this.#send(reader, { type: "snapshot", seq: this.#seq, snapshot: this.#source.snapshot() });
  }

  #flush(): void {
    const events = [...this.#pending, ...this.#source.changes()];
    this.#pending = [];
    if (events.length === 0) return;
    const line = `${JSON.stringify({ type: "events", seq: ++this.#seq, events } satisfies ServerMessage)}\n`;
    for (const reader of this.#readers) {
      if (reader.behind) continue;
      reader.socket.write(line);
      reader.behind = reader.socket.writableLength > MAX_BEHIND;
    }
  }

  #send({ socket }: Reader, message: ServerMessage): void {
    if (!socket.writable) return;
    // One that asks and does not read is not worth the memory.
    if (socket.writableLength > 2 * MAX_BEHIND) socket.destroy();
    else socket.write(`${JSON.stringify(message)}\n`);
  }

  async #receive(reader: Reader, line: string): Promise<void> {
    const message = parseCommand(line);
    if (message === null || reader.asked >= MAX_ASKED) return void reader.socket.destroy();
    const { id, command } = message;
    reader.asked++;
    try {
      const result = (await this.#source.command(command)) ?? null;
      this.#send(reader, { type: "answer", id, ok: true, result });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#send(reader, { type: "answer", id, ok: false, error: text });
    } finally {
      reader.asked--;
    }
  }

  /** Sends what is left and removes the socket. */
  async close(): Promise<void> {
    this.#flush();
    for (const { socket } of this.#readers) socket.end();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** Says why, and lets go of one that does not listen to it. */
function refuse(socket: Socket): void {
  const reason = `there are ${MAX_READERS} screens attached already: close one`;
  socket.end(`${JSON.stringify({ type: "bye", reason } satisfies ServerMessage)}\n`);
  socket.destroySoon();
}

function parseCommand(line: string): { id: number; command: string } | null {
  try {
    return clientMessage.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
