import { isObject, type JsonObject } from "./json.ts";

/** Prefix of the modern era's envelope keys (MCP 2026-07-28 basic "_meta"). */
const PREFIX = "io.modelcontextprotocol/";

/** First protocol revision of the modern era. */
export const MODERN = "2026-07-28";

/**
 * Whether a version is a revision of the modern era. Later ones than the gate knows are for the two ends to agree on;
 * what it reads of a request is held to the rules of the revision it knows.
 */
export const isModernRevision = (version: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(version) && version >= MODERN;

function envelope(params: JsonObject | undefined, key: string): unknown {
  const meta = params?._meta;
  return isObject(meta) ? meta[PREFIX + key] : undefined;
}

/** The protocol version a request of the modern era carries; null for one of the legacy era. */
export function modernVersion(params: JsonObject | undefined): string | null {
  const version = envelope(params, "protocolVersion");
  return typeof version === "string" ? version : null;
}

/**
 * What a modern request's envelope lacks, in words; null where it is whole. A server on stdio takes a request
 * without one for the legacy era's, and may hold every later one of that connection for the same.
 */
export function envelopeFault(params: JsonObject | undefined): string | null {
  const where = `params._meta["${PREFIX}`;
  if (typeof envelope(params, "protocolVersion") !== "string")
    return `${where}protocolVersion"] must be a string.`;
  if (isObject(envelope(params, "clientCapabilities"))) return null;
  return `${where}clientCapabilities"] must be an object.`;
}

/** What the agent calls itself: in `initialize`, or in the modern era in every request. */
export function clientName(method: string, params: JsonObject | undefined): string | null {
  const info = method === "initialize" ? params?.clientInfo : envelope(params, "clientInfo");
  return isObject(info) && typeof info.name === "string" ? info.name : null;
}
