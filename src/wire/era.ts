import { isObject, type JsonObject } from "./json.ts";

/** Prefix of the modern era's envelope keys (MCP 2026-07-28 basic "_meta"). */
const PREFIX = "io.modelcontextprotocol/";

/** First protocol revision of the modern era. */
export const MODERN = "2026-07-28";

function envelope(params: JsonObject | undefined, key: string): unknown {
  const meta = params?._meta;
  return isObject(meta) ? meta[PREFIX + key] : undefined;
}

/** The protocol version a request of the modern era carries; null for one of the legacy era. */
export function modernVersion(params: JsonObject | undefined): string | null {
  const version = envelope(params, "protocolVersion");
  return typeof version === "string" ? version : null;
}

/** What the agent calls itself: in `initialize`, or in the modern era in every request. */
export function clientName(method: string, params: JsonObject | undefined): string | null {
  const info = method === "initialize" ? params?.clientInfo : envelope(params, "clientInfo");
  return isObject(info) && typeof info.name === "string" ? info.name : null;
}
