import type { Json, JsonObject } from "./json.ts";
import type { RequestId } from "./message.ts";

/** What every denial begins with, so that a model knows who refused. */
export const DENIED = "[CALLGATE POLICY DENIED]";

/** A denial as a tool result: the model reads it and goes on (MCP server/tools "Error Handling"). */
export function denial(id: RequestId, message: string, modern: boolean): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    result: denialResult(message, modern ? "complete" : undefined),
  });
}

/** @param resultType what results of the modern era carry */
export function denialResult(message: string, resultType: Json | undefined): JsonObject {
  return {
    ...(resultType === undefined ? {} : { resultType }),
    content: [{ type: "text", text: `${DENIED} ${message}` }],
    isError: true,
  };
}

export function errorAnswer(id: RequestId | null, code: number, message: string, data?: Json): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message: `callgate: ${message}`, data } });
}

/** Code of a denial that is no tool result: outside what JSON-RPC and MCP reserve (MCP basic, "Error Codes"). */
const DENIED_CODE = 403;

/** A denied request for a resource or a prompt, whose results have no room for an error. */
export function deniedRequest(id: RequestId, message: string): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    error: { code: DENIED_CODE, message: `${DENIED} ${message}` },
  });
}
