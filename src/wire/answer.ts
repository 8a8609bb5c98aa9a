import type { Json } from "./json.ts";
import type { RequestId } from "./message.ts";

/** What every denial begins with, so that a model knows who refused. */
export const DENIED = "[CALLGATE POLICY DENIED]";

/** A denial as a tool result: the model reads it and goes on (MCP server/tools "Error Handling"). */
export function denial(id: RequestId, message: string, modern: boolean): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    result: {
      ...(modern ? { resultType: "complete" } : {}),
      content: [{ type: "text", text: `${DENIED} ${message}` }],
      isError: true,
    },
  });
}

export function errorAnswer(id: RequestId | null, code: number, message: string, data?: Json): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message: `callgate: ${message}`, data } });
}
