import { UsageError } from "./usage-error.ts";

/** @throws UsageError */
export function remoteUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new UsageError(
    `${JSON.stringify(text)} is not a URL of an MCP server: give one like https://example.com/mcp`,
  );
}
