import type { ServerResponse } from "node:http";
import { errorAnswer } from "../answer.ts";
import { ErrorCode } from "../message.ts";
import type { Frame } from "../upstream.ts";

/** Ends a response with a JSON body; where it has begun already, just ends it. */
export function json(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) response.end();
  else writeJson(response, status, body, headers);
}

/** Writes a whole response. Without its length Node would send it in chunks. */
export function writeJson(
  response: ServerResponse,
  status: number,
  body: Frame,
  headers: Readonly<Record<string, string>> = {},
): void {
  const own = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...own, ...headers }).end(body);
}

/** Ends a response with an HTTP error and a JSON-RPC error that says what is wrong. */
export function reject(response: ServerResponse, status: number, message: string): void {
  json(response, status, errorAnswer(null, ErrorCode.invalidRequest, message));
}
