import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";

/** What a session's streams have said, for agents that take them up again. */
export class MemoryEvents implements EventStore {
  readonly #events: { stream: string; message: JSONRPCMessage }[] = [];

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    return String(this.#events.push({ stream, message }));
  }

  async getStreamIdForEventId(id: string): Promise<string | undefined> {
    return this.#events[Number(id) - 1]?.stream;
  }

  async replayEventsAfter(
    last: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const stream = (await this.getStreamIdForEventId(last)) ?? "";
    for (const [i, event] of this.#events.entries()) {
      if (i < Number(last) || event.stream !== stream || Object.keys(event.message).length === 0) continue;
      await send(String(i + 1), event.message);
    }
    return stream;
  }
}
