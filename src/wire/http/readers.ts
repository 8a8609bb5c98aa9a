import type { ServerResponse } from "node:http";

/** How long an agent may read nothing of what waits for it, at least, in ms. */
const STALLED_MS = 10_000;
/** Bytes that may wait to be read, of all agents together; one answer more is taken. */
const MAX_UNREAD = 256 * 1024 * 1024;
/** What the kernel takes without anyone reading says nothing; what is left after it does. */
const WORTH_A_LOOK = 64 * 1024;

/**
 * The agents that responses are written to, and how they read. One that does not must not fill the memory, nor hold
 * up the server it shares with others: its connection is cut.
 */
export class Readers {
  /** With the bytes that waited when it was last looked. */
  readonly #responses = new Map<ServerResponse, number>();
  readonly #timer = setInterval(() => this.#cutStalled(), STALLED_MS).unref();

  add(response: ServerResponse): void {
    this.#responses.set(response, 0);
    response.on("close", () => this.#responses.delete(response));
  }

  /** Before there is more to read: cuts those with the most unread, while there is too much. */
  makeRoom(): void {
    let unread = 0;
    for (const response of this.#responses.keys()) unread += response.writableLength;
    while (unread > MAX_UNREAD) {
      const most = [...this.#responses.keys()].reduce((a, b) =>
        b.writableLength > a.writableLength ? b : a,
      );
      unread -= most.writableLength;
      this.#cut(most);
    }
  }

  #cutStalled(): void {
    for (const [response, before] of this.#responses) {
      const waiting = response.writableLength;
      if (waiting > WORTH_A_LOOK && before > 0 && waiting >= before) this.#cut(response);
      else this.#responses.set(response, waiting > WORTH_A_LOOK ? waiting : 0);
    }
  }

  #cut(response: ServerResponse): void {
    this.#responses.delete(response);
    response.destroy();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
