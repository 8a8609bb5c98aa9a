import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from "@modelcontextprotocol/node";
import { createMcpHandler, isInitializeRequest, isLegacyRequest } from "@modelcontextprotocol/server";
import { MemoryEvents } from "./events.ts";
import { type Changes, createFixture } from "./fixture.ts";

/** How soon an agent should take a dropped stream up again, in ms. */
const RETRY_MS = 500;

/** Serves both eras: sessions for the legacy one, an instance a request for the modern one. Gives the URL. */
export async function serveHttp(port: number): Promise<string> {
  const modern = createMcpHandler(() => createFixture(changes), { legacy: "reject" });
  const serveModern = toNodeHandler(modern);
  const sessions = new Sessions();
  const changes: Changes = {
    tools: () => modern.notify.toolsChanged(),
    prompts: () => modern.notify.promptsChanged(),
    resource: (uri) => modern.notify.resourceUpdated(uri),
  };
  const validHost = localhostHostValidation();
  const validOrigin = localhostOriginValidation();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (!validHost(request, response) || !validOrigin(request, response)) return;
    const body = request.method === "POST" ? await readJson(request) : undefined;
    const legacy = request.method !== "POST" || (await isLegacyRequest(await toWebRequest(request, body)));
    await (legacy ? sessions.serve(request, response, body) : serveModern(request, response, body));
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

/** The legacy era's sessions, each with an instance of its own. */
class Sessions {
  readonly #transports = new Map<string, NodeStreamableHTTPServerTransport>();

  async serve(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> {
    const id = request.headers["mcp-session-id"];
    const known = typeof id === "string" ? this.#transports.get(id) : undefined;
    if (known !== undefined) return known.handleRequest(request, response, body);
    if (id === undefined && isInitializeRequest(body)) {
      const transport = await this.#open();
      return transport.handleRequest(request, response, body);
    }
    const error =
      id === undefined
        ? { code: -32000, message: "A session begins with initialize" }
        : { code: -32001, message: "There is no such session" };
    response.writeHead(id === undefined ? 400 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", error, id: null }));
  }

  async #open(): Promise<NodeStreamableHTTPServerTransport> {
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new MemoryEvents(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => void this.#transports.set(id, transport),
      onsessionclosed: (id) => void this.#transports.delete(id),
    });
    await createFixture().connect(transport);
    return transport;
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    return null; // neither era takes it
  }
}
