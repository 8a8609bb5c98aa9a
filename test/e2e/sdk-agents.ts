/** The SDKs' clients, of both generations and in every mode, behind one face. */
import type * as v2 from "@modelcontextprotocol/client";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type { Sandbox } from "./helpers.ts";

export interface CallOptions {
  readonly onprogress?: (progress: { progress: number }) => void;
  readonly signal?: AbortSignal;
}

export interface SdkAgent {
  readonly era: "legacy" | "modern";
  tools(): Promise<string[]>;
  /** The result as JSON text. */
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<string>;
  /** Asks to be told when a resource or the tools change. */
  watch(uri: string): Promise<unknown>;
  /** What it has been told: "tools", or a resource's URI. */
  readonly told: string[];
  /** null in the modern era, which has none. */
  readonly ping: (() => Promise<unknown>) | null;
  close(): Promise<void>;
}

type To = readonly string[] | URL;

const capabilities = { sampling: {}, elicitation: {} };
const sampled = {
  model: "none",
  role: "assistant",
  content: { type: "text", text: "swordfish" },
} as const;
const elicited = { action: "accept", content: { username: "ada", email: "ada@example.com" } } as const;

async function connectV1(box: Sandbox, to: To): Promise<SdkAgent> {
  const client = await box.v1(to, { capabilities });
  const told: string[] = [];
  client.setRequestHandler(CreateMessageRequestSchema, () => sampled);
  client.setRequestHandler(ElicitRequestSchema, () => elicited);
  client.setNotificationHandler(
    ResourceUpdatedNotificationSchema,
    ({ params }) => void told.push(params.uri),
  );
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void told.push("tools"));
  return {
    era: "legacy",
    told,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}, options = {}) =>
      JSON.stringify(await client.callTool({ name, arguments: args }, undefined, options)),
    watch: (uri) => client.subscribeResource({ uri }),
    ping: () => client.ping(),
    close: () => client.close(),
  };
}

const connectV2 =
  (mode: v2.VersionNegotiationMode) =>
  async (box: Sandbox, to: To): Promise<SdkAgent> => {
    const client = await box.v2(to, { capabilities, versionNegotiation: { mode } });
    const told: string[] = [];
    client.setRequestHandler("sampling/createMessage", () => sampled);
    client.setRequestHandler("elicitation/create", () => elicited);
    client.setNotificationHandler(
      "notifications/resources/updated",
      ({ params }) => void told.push(params.uri),
    );
    client.setNotificationHandler("notifications/tools/list_changed", () => void told.push("tools"));
    const era = client.getProtocolEra() ?? "legacy";
    return {
      era,
      told,
      tools: async () =>
        (await client.listTools(undefined, { cacheMode: "refresh" })).tools.map(({ name }) => name),
      call: async (name, args = {}, options = {}) =>
        JSON.stringify(await client.callTool({ name, arguments: args }, options)),
      watch: (uri) =>
        era === "legacy"
          ? client.subscribeResource({ uri })
          : client.listen({ toolsListChanged: true, resourceSubscriptions: [uri] }),
      ping: era === "legacy" ? () => client.ping() : null,
      close: () => client.close(),
    };
  };

/** By the name of the client and its mode. */
export const SDK_AGENTS: Readonly<Record<string, (box: Sandbox, to: To) => Promise<SdkAgent>>> = {
  "v1 client": connectV1,
  "v2 client, legacy": connectV2("legacy"),
  "v2 client, auto": connectV2("auto"),
  "v2 client, pinned to 2026-07-28": connectV2({ pin: "2026-07-28" }),
};
