import { isUtf8 } from "node:buffer";
import { fold } from "../fold.ts";
import { oneLine } from "./framing.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { JsonError, parseStrict } from "./parse.ts";

export type RequestId = string | number;

/** JSON-RPC 2.0 section 5.1, and MCP 2026-07-28 basic "Error Codes". */
export const ErrorCode = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** MCP 2026-07-28 transports "Server Validation". */
  headerMismatch: -32020,
  /** MCP 2026-07-28 basic/versioning. */
  unsupportedVersion: -32022,
} as const;

export interface Request {
  readonly kind: "request";
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject | undefined;
}

export interface Notification {
  readonly kind: "notification";
  readonly method: string;
  readonly params: JsonObject | undefined;
}

export interface Response {
  readonly kind: "response";
  readonly id: RequestId | null;
  readonly result: Json | undefined;
  readonly error: Json | undefined;
}

export type Message = Request | Notification | Response;

/** A frame that goes no further. `id` is the request's where it could be read. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;
  readonly id: RequestId | null;
  constructor(code: number, message: string, id: RequestId | null = null) {
    super(message);
    this.code = code;
    this.id = id;
  }
}

/** Bytes as text, or null where they are not valid UTF-8. */
export function decodeUtf8(frame: Buffer): string | null {
  return isUtf8(frame) ? frame.toString("utf8") : null;
}

/** Keys that decide what a frame does, and those that some reader may take for them. */
interface TellingKeys {
  readonly exact: ReadonlySet<string>;
  readonly folded: ReadonlySet<string>;
}

const telling = (...keys: string[]): TellingKeys => ({
  exact: new Set(keys),
  folded: new Set(keys.map(fold)),
});

const ENVELOPE_KEYS = telling("jsonrpc", "id", "method", "params", "result", "error");
const PARAM_KEYS = telling(
  ...["name", "arguments", "uri", "_meta", "requestId", "progressToken", "inputResponses", "requestState"],
);
const META_KEYS = telling(
  ...["progressToken", "io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientInfo"],
);

/** A frame of an agent that has been read. */
export interface AgentFrame {
  readonly message: Message;
  /** Set where the bytes must be put on one line first. */
  readonly line: string | null;
  /** HTTP headers that mirror its arguments, where it came with some (MCP 2026-07-28 "Custom Headers"). */
  readonly mirrored?: Readonly<Record<string, string>>;
}

/**
 * Reads a frame an agent sent, so strictly that what is judged is what the upstream will read.
 *
 * @throws Refusal with the JSON-RPC error to answer
 */
export function readAgentFrame(frame: Buffer): AgentFrame {
  const text = decodeUtf8(frame);
  if (text === null) throw new Refusal(ErrorCode.parse, "A frame must be valid UTF-8.");
  const line = oneLine(text);
  return { message: readAgentMessage(text), line: line === text ? null : line };
}

function readAgentMessage(text: string): Message {
  const value = parseFrame(text);
  if (Array.isArray(value)) {
    throw new Refusal(ErrorCode.invalidRequest, "Batches are not taken: send one JSON-RPC message a frame.");
  }
  if (!isObject(value)) {
    throw new Refusal(ErrorCode.invalidRequest, "A frame must be one JSON object.");
  }
  const id = readId(value);
  refuseShadows(value, ENVELOPE_KEYS, "the message", id);
  if (value.jsonrpc !== "2.0") {
    throw new Refusal(ErrorCode.invalidRequest, 'A message must say "jsonrpc": "2.0".', id);
  }
  const { method, params } = value;
  if (method === undefined) return readResponse(value, id);
  if (typeof method !== "string") {
    throw new Refusal(ErrorCode.invalidRequest, "method must be a string.", id);
  }
  if (Object.hasOwn(value, "result") || Object.hasOwn(value, "error")) {
    throw new Refusal(ErrorCode.invalidRequest, "A message cannot be both a request and a response.", id);
  }
  if (params !== undefined && !isObject(params)) {
    throw new Refusal(ErrorCode.invalidRequest, "params must be an object or absent.", id);
  }
  if (params !== undefined) refuseShadows(params, PARAM_KEYS, "params", id);
  if (isObject(params?._meta)) refuseShadows(params._meta, META_KEYS, "_meta", id);
  return id === null ? { kind: "notification", method, params } : { kind: "request", id, method, params };
}

function parseFrame(text: string): Json {
  try {
    return parseStrict(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new Refusal(ErrorCode.parse, `Not the JSON a frame must be: ${error.message}.`);
  }
}

/** The id, or null where there is none. */
function readId(message: JsonObject): RequestId | null {
  if (!Object.hasOwn(message, "id")) return null;
  const { id } = message;
  if (typeof id === "string") {
    if (id.length <= MAX_ID) return id;
    throw new Refusal(ErrorCode.invalidRequest, `An id must not be longer than ${MAX_ID} characters.`);
  }
  if (typeof id === "number" && Number.isSafeInteger(id)) return id;
  throw new Refusal(ErrorCode.invalidRequest, "id must be a string or an integer that a double can hold.");
}

const MAX_ID = 1024;

function readResponse(message: JsonObject, id: RequestId | null): Response {
  const { result, error } = message;
  if (id === null || (result === undefined) === (error === undefined)) {
    throw new Refusal(
      ErrorCode.invalidRequest,
      "A message must have a method, or an id and one of result and error.",
      id,
    );
  }
  return { kind: "response", id, result, error };
}

function refuseShadows(
  object: JsonObject,
  { exact, folded }: TellingKeys,
  where: string,
  id: RequestId | null,
): void {
  for (const key in object) {
    if (exact.has(key) || !folded.has(fold(key))) continue;
    throw new Refusal(
      ErrorCode.invalidRequest,
      `The key ${JSON.stringify(key)} of ${where} could be read as ${JSON.stringify(fold(key))}.`,
      id,
    );
  }
}

/**
 * Reads a frame an upstream sent. Servers are trusted to say what they like, so this is lenient; null where
 * it is not one JSON-RPC message.
 */
export function readUpstreamFrame(text: string): Message | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const { method, params, id, result, error } = value;
  const readableId = typeof id === "string" || typeof id === "number" ? id : null;
  if (typeof method === "string") {
    const fields = { method, params: isObject(params) ? params : undefined };
    return readableId === null
      ? { kind: "notification", ...fields }
      : { kind: "request", id: readableId, ...fields };
  }
  if (result === undefined && error === undefined) return null;
  // Some servers spell "no error" so.
  const none = error === null && result !== undefined;
  return { kind: "response", id: readableId, result, error: none ? undefined : error };
}

/** Why what an upstream sent goes no further: it is no message. */
export const noMessage = (frame: Buffer): string =>
  `not a JSON-RPC message: ${JSON.stringify(frame.toString("latin1", 0, 120))}`;

/** The same of an answer to what the agent has not asked. */
export const unasked = (id: RequestId | null): string =>
  `an answer to ${JSON.stringify(id)}, which the agent has not asked`;
