/** Agents without an SDK, over each transport, that see every byte of what they are answered. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { connectGateway, type GatewayConnection } from "../../src/control/client.ts";
import { openSqliteStore } from "../../src/state/sqlite.ts";
import { DENIED } from "../../src/wire/answer.ts";
import type { GateOptions, Message, Peer, Sandbox } from "./helpers.ts";

export type Way = "stdio" | "serve";
export const WAYS: readonly Way[] = ["stdio", "serve"];

export interface RawAgent {
  readonly gateway: Peer;
  /** Headers that name its session, over HTTP. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sends a request whose `params` are this JSON text; gives the line that answers it. */
  ask(method: string, params?: string): Promise<string>;
  /** A `tools/call` with these arguments, or with this JSON text for them. */
  call(name: string, args?: Record<string, unknown> | string): Promise<Message>;
}

/** An agent that has shaken hands through a gateway of its own. */
export async function agentOver(way: Way, box: Sandbox, options: GateOptions = {}): Promise<RawAgent> {
  if (way === "stdio") return onStdio(box.stdio(options));
  const { url, gateway } = await box.serve(options);
  return onHttp(url, gateway);
}

let lastId = 0;
const line = (id: number, method: string, params: string) =>
  `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`;

function raw(gateway: Peer, headers: Record<string, string>, ask: RawAgent["ask"]): RawAgent {
  return {
    gateway,
    headers,
    ask,
    async call(name, args = {}) {
      const text = typeof args === "string" ? args : JSON.stringify(args);
      return JSON.parse(await ask("tools/call", `{"name":${JSON.stringify(name)},"arguments":${text}}`));
    },
  };
}

async function onStdio(gateway: Peer): Promise<RawAgent> {
  await gateway.initialize();
  return raw(gateway, {}, async (method, params = "{}") => {
    const id = `raw-${++lastId}`;
    gateway.send(`{"jsonrpc":"2.0","id":"${id}","method":"${method}","params":${params}}`);
    await gateway.answer(id);
    return gateway.lines.find((text) => JSON.parse(text).id === id) ?? "";
  });
}

/** Another agent of the same gateway. */
export async function onHttp(url: URL, gateway: Peer): Promise<RawAgent> {
  const session = await openSession(url);
  return raw(gateway, session, async (method, params = "{}") =>
    answerIn(await post(url, line(++lastId, method, params), session)),
  );
}

/** Shakes hands; gives the header that names the session. */
async function openSession(url: URL): Promise<Record<string, string>> {
  const clientInfo = { name: "raw", version: "1.0.0" };
  const hello = JSON.stringify({ protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  const opened = await post(url, line(++lastId, "initialize", hello));
  const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
  await opened.text();
  await post(url, '{"jsonrpc":"2.0","method":"notifications/initialized"}', session);
  return session;
}

export function post(
  url: URL,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Response> {
  const accept = "application/json, text/event-stream";
  return fetch(url, {
    method: "POST",
    body: typeof body === "string" ? body : new Uint8Array(body),
    headers: { "content-type": "application/json", accept, ...headers },
  });
}

/** The last message of a response, whichever of the two forms it has. */
async function answerIn(response: Response): Promise<string> {
  const text = await response.text();
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return text;
  const events = text.split("\n").filter((row) => row.startsWith("data: {"));
  return events.at(-1)?.slice("data: ".length) ?? "";
}

/** What a denial says; undefined where the call was not denied. */
export function denied({ result }: Message): string | undefined {
  const [first] = Array.isArray(result?.content) ? result.content : [];
  const text: unknown = first?.text;
  if (result?.isError !== true || typeof text !== "string" || !text.startsWith(DENIED)) return undefined;
  return text.slice(DENIED.length + 1);
}

/** What the counters of a home stand at, as units (not micros) by `scope.counter`. */
export function counters(box: Sandbox): Record<string, number> {
  const store = openSqliteStore(resolve(box.home, "state.db"));
  const values = store.list(Date.now(), 100);
  store.close();
  return Object.fromEntries(values.map((v) => [`${v.scope}.${v.counter}`, Number(v.used) / 1e6]));
}

/** A person at the control socket of the sandbox's one gateway. */
export async function person(box: Sandbox): Promise<GatewayConnection> {
  const dir = join(box.home, "run");
  await expect.poll(() => readdirSync(dir)).toHaveLength(1);
  return connectGateway(join(dir, readdirSync(dir)[0] ?? ""), { snapshot() {}, events() {}, closed() {} });
}
