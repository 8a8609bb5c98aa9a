import type { IncomingHttpHeaders } from "node:http";
import { modernVersion } from "../era.ts";
import type { Json } from "../json.ts";
import type { Message, Notification, Request } from "../message.ts";

/** The parameter that `Mcp-Name` mirrors, by method (MCP 2026-07-28 transports "Standard Request Headers"; Tasks). */
const NAMED_BY: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};

/** Headers a modern request must carry beside its body; none for a message of the legacy era. */
export function standardHeaders(message: Message): Record<string, string> {
  if (message.kind === "response") return {};
  const version = modernVersion(message.params);
  if (version === null) return {};
  const name = nameOf(message);
  return {
    "mcp-protocol-version": version,
    "mcp-method": message.method,
    ...(name === null ? {} : { "mcp-name": encodeHeader(name) }),
  };
}

function nameOf({ method, params }: Request | Notification): string | null {
  const key = NAMED_BY[method];
  const value: Json | undefined = key === undefined ? undefined : params?.[key];
  return typeof value === "string" ? value : null;
}

/**
 * What is wrong with a modern request's headers, in words; null where they agree with its body
 * (MCP 2026-07-28 transports "Server Validation").
 */
export function headerMismatch(headers: IncomingHttpHeaders, message: Request): string | null {
  for (const [header, expected] of Object.entries(standardHeaders(message))) {
    const given = headers[header];
    if (given === undefined) return `the header ${header} is missing`;
    if (typeof given !== "string" || decodeHeader(given) !== decodeHeader(expected)) {
      return `the header ${header} says ${JSON.stringify(given)} and the body ${JSON.stringify(decodeHeader(expected))}`;
    }
  }
  return null;
}

/** Headers that mirror arguments, to be passed on as they came. */
export function mirroredHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith("mcp-param-") && typeof value === "string" ? [[name, value]] : [],
    ),
  );
}

/** A header value that carries any text (MCP 2026-07-28 transports "Value Encoding"). */
export function encodeHeader(value: string): string {
  const plain =
    /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(value) && !/^=\?base64\?.*\?=$/.test(value);
  return plain ? value : `=?base64?${Buffer.from(value, "utf8").toString("base64")}?=`;
}

/** The text a header value carries; null where it is not one that `encodeHeader` could have made. */
export function decodeHeader(value: string): string | null {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  if (encoded === undefined) return value;
  const bytes = Buffer.from(encoded, "base64");
  return bytes.toString("base64") === encoded ? bytes.toString("utf8") : null;
}
