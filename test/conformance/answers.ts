import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type CallToolResult, fromJsonSchema, type McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Changes } from "./fixture.ts";
import { PNG, SCHEMA_2020_12, WAV } from "./samples.ts";

export const text = (text: string): CallToolResult => ({ content: [{ type: "text", text }] });

const image = { type: "image" as const, data: PNG, mimeType: "image/png" };
const resource = (uri: string, mimeType: string, text: string) => ({
  type: "resource" as const,
  resource: { uri, mimeType, text },
});

/** Tools that always answer the same. */
const FIXED: Record<string, CallToolResult> = {
  test_simple_text: text("This is a simple text response for testing."),
  test_streaming_elicitation: text("Nothing but an answer."),
  test_image_content: { content: [image] },
  test_audio_content: { content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }] },
  test_embedded_resource: {
    content: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  },
  test_multiple_content_types: {
    content: [
      { type: "text", text: "Multiple content types test:" },
      image,
      resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
  },
};

/** An argument that the header Mcp-Param-Region mirrors; JSON Schema's types do not know the keyword. */
const MIRRORED: { type: "string" } = Object.assign({ type: "string" as const }, { "x-mcp-header": "Region" });

/** Lets a test see what no answer tells: a line in the file `RECORD_FILE`. */
function record(line: string): void {
  const { RECORD_FILE } = process.env;
  if (RECORD_FILE !== undefined) appendFileSync(RECORD_FILE, `${line}\n`);
}

/** Offers the tools that answer without asking anything back. */
export function offerAnswers(server: McpServer, changes: Changes): void {
  for (const [name, result] of Object.entries(FIXED)) {
    server.registerTool(name, { description: `Answers ${name}` }, () => result);
  }

  server.registerTool("test_error_handling", { description: "Fails" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });

  server.registerTool("test_tool_with_logging", { description: "Logs three lines" }, async (ctx) => {
    for (const line of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await ctx.mcpReq.log("info", line);
      await sleep(50);
    }
    return text("Three lines were logged.");
  });

  server.registerTool("test_logging_tool", { description: "Logs one line" }, async (ctx) => {
    await ctx.mcpReq.log("info", "Only for those who asked for logs");
    return text("A line was logged, where one was asked for.");
  });

  server.registerTool("test_tool_with_progress", { description: "Tells how far it is" }, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) {
        const params = { progressToken, progress, total: 100 };
        await ctx.mcpReq.notify({ method: "notifications/progress", params });
      }
      await sleep(50);
    }
    return text("Done, all of it.");
  });

  server.registerTool("test_reconnection", { description: "Lets go of its stream" }, async (ctx) => {
    ctx.http?.closeSSE?.();
    await sleep(100);
    return text("Answered on a stream that was taken up again.");
  });

  server.registerTool(
    "wait",
    { description: "Waits until it is cancelled", inputSchema: z.object({ ms: z.int().default(60_000) }) },
    async ({ ms }, ctx) => {
      await sleep(ms, undefined, { signal: ctx.mcpReq.signal }).catch(() => record("cancelled"));
      return text("The wait is over.");
    },
  );

  server.registerTool("test_trigger_tool_change", { description: "Other tools now" }, () => {
    changes.tools();
    return text("Whoever listens has been told of the tools.");
  });

  server.registerTool("test_trigger_prompt_change", { description: "Other prompts now" }, () => {
    changes.prompts();
    return text("Whoever listens has been told of the prompts.");
  });

  server.registerTool(
    "touch",
    { description: "Changes a resource", inputSchema: z.object({ uri: z.string() }) },
    ({ uri }) => {
      changes.resource(uri);
      return text("Whoever listens has been told of the resource.");
    },
  );

  server.registerTool(
    "json_schema_2020_12_tool",
    {
      description: "Takes arguments that only JSON Schema 2020-12 can describe",
      inputSchema: fromJsonSchema(SCHEMA_2020_12),
    },
    (args) => text(JSON.stringify(args)),
  );

  server.registerTool(
    "test_x_mcp_header",
    {
      description: "Takes an argument that a header mirrors",
      inputSchema: fromJsonSchema<{ region?: string }>({
        type: "object",
        properties: {
          region: MIRRORED,
          level: { type: "integer" },
        },
      }),
    },
    ({ region }) => text(`region: ${region ?? "none"}`),
  );
}
