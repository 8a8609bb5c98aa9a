/** Real clients of both generations, through the gate, at real servers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { WAYS, type Way } from "./agents.ts";
import { ALLOW_ALL, type GateOptions, NODE, PAYMENTS, ROOT, type Sandbox, sandbox } from "./helpers.ts";

const server = (name: string, ...args: string[]) => [
  NODE,
  join(ROOT, "node_modules/@modelcontextprotocol", `server-${name}`, "dist/index.js"),
  ...args,
];

/** What the clients of both generations have in common. */
interface Client {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  listResources(): Promise<{ resources: { uri: string }[] }>;
  readResource(params: { uri: string }): Promise<{ contents: unknown[] }>;
  listPrompts(): Promise<{ prompts: { name: string }[] }>;
  getPrompt(params: { name: string }): Promise<{ messages: unknown[] }>;
}

type Connect = (box: Sandbox, to: readonly string[] | URL) => Promise<Client>;

const clients: Record<string, Connect> = {
  v1: (box, to) => box.v1(to),
  v2: (box, to) => box.v2(to),
};

const through = async (box: Sandbox, way: Way, options: GateOptions) =>
  way === "stdio" ? box.gate("stdio", options) : (await box.serve(options)).url;

const answer = z.object({ isError: z.boolean().default(false), content: z.unknown() });

/** The result as JSON text, marked where it is an error. */
async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const { isError, content } = answer.parse(await client.callTool({ name, arguments: args }));
  return `${isError ? "error: " : ""}${JSON.stringify(content)}`;
}

const toolNames = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);

const pairs = Object.entries(clients).flatMap(([name, connect]) =>
  WAYS.map((way) => [name, way, connect] as const),
);

describe.each(pairs)("a %s client over %s", (_name, way, connect) => {
  const start = async (box: Sandbox, options: GateOptions) => connect(box, await through(box, way, options));

  it("works at the payments desk under its policy", async () => {
    const box = sandbox();
    const client = await start(box, {
      server: PAYMENTS,
      policy: join(ROOT, "policies/payments.yaml"),
    });
    expect((await toolNames(client)).sort()).toEqual([
      "create_charge",
      "create_refund",
      "get_balance",
      "list_charges",
    ]);
    const order = { amount: 5_000, currency: "usd", customer: "cus_ada" };
    expect(await call(client, "create_charge", order)).toContain("ch_1");
    expect(await call(client, "create_charge", { ...order, amount: 50_001 })).toContain(
      'error: [{"type":"text","text":"[CALLGATE POLICY DENIED] Single charge cannot exceed $500.00',
    );
    expect(await call(client, "get_balance")).toContain("5000");
    expect(await call(client, "delete_customer", { customer: "cus_grace" })).toContain(
      "[CALLGATE POLICY DENIED]",
    );
    await expect(call(client, "create_charge", { ...order, currency: "chf" })).rejects.toThrow(
      /No processor/,
    );
  });

  it("uses everything there is at server-everything", async () => {
    const box = sandbox();
    const policy = box.policy(`${ALLOW_ALL}hide: [get-env]\n`);
    const client = await start(box, { server: server("everything"), policy });
    const tools = await toolNames(client);
    expect(tools.length).toBeGreaterThan(8);
    expect(tools).not.toContain("get-env");
    expect(await call(client, "echo", { message: "héllo\u2028" })).toContain("héllo\u2028");
    expect(await call(client, "get-sum", { a: 2, b: 40 })).toContain("42");
    expect(await call(client, "get-tiny-image")).toContain('"mimeType":"image/png"');
    expect(await call(client, "get-structured-content", { location: "Chicago" })).toContain("temperature");
    expect(await call(client, "get-env")).toContain("[CALLGATE POLICY DENIED]");
    const { resources } = await client.listResources();
    expect((await client.readResource({ uri: resources[0]?.uri ?? "" })).contents).toHaveLength(1);
    const { prompts } = await client.listPrompts();
    expect((await client.getPrompt({ name: prompts[0]?.name ?? "" })).messages).not.toEqual([]);
  });

  it("reads only what it may at server-filesystem", async () => {
    const box = sandbox();
    const root = join(box.dir, "files");
    mkdirSync(root);
    writeFileSync(join(root, "a.txt"), "ä text\n");
    const policy = box.policy(
      `${ALLOW_ALL}tools: { write_file: { rules: [{ name: read only, action: deny, on_deny: Looking only }] } }\n`,
    );
    const client = await start(box, { server: server("filesystem", root), policy });
    expect(await toolNames(client)).toContain("read_text_file");
    expect(await call(client, "read_text_file", { path: join(root, "a.txt") })).toContain("ä text");
    expect(await call(client, "write_file", { path: join(root, "a.txt"), content: "" })).toContain(
      "Looking only",
    );
    expect(await call(client, "read_text_file", { path: join(root, "a.txt") })).toContain("ä text");
  });

  it("keeps what it learns at server-memory", async () => {
    const box = sandbox();
    box.env.MEMORY_FILE_PATH = join(box.dir, "memory.jsonl");
    const client = await start(box, { server: server("memory") });
    const entities = [{ name: "Ada", entityType: "person", observations: ["likes engines"] }];
    expect(await call(client, "create_entities", { entities })).toContain("Ada");
    expect(await call(client, "read_graph")).toContain("likes engines");
  });
});

describe.each(WAYS)("over %s", (way) => {
  it("a server may ask the agent in the middle of a call", async () => {
    const box = sandbox();
    const client = await box.v2(await through(box, way, {}), { capabilities: { sampling: {} } });
    client.setRequestHandler("sampling/createMessage", ({ params }) => ({
      model: "none",
      role: "assistant",
      content: { type: "text", text: `${params.messages.length} asked, swordfish said` },
    }));
    const { structuredContent } = await client.callTool({ name: "ask_client" });
    expect(JSON.stringify(structuredContent)).toContain("1 asked, swordfish said");
  });

  it("a server may tell how far a call is", async () => {
    const box = sandbox();
    const client = await box.v2(await through(box, way, { server: server("everything") }));
    const steps: number[] = [];
    await client.callTool(
      { name: "trigger-long-running-operation", arguments: { duration: 0.4, steps: 4 } },
      { onprogress: ({ progress }) => void steps.push(progress) },
    );
    expect(steps.slice(0, 3)).toEqual([1, 2, 3]); // this client drops a last one that comes with the answer
  });
});
