/** Several servers behind one gateway, and servers at URLs that come, go and are gateways themselves. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { onHttp, post } from "./agents.ts";
import { CALLGATE, NODE, PAYMENTS, ROOT, type Sandbox, sandbox } from "./helpers.ts";
import { SDK_AGENTS } from "./sdk-agents.ts";

const FIXTURE = [NODE, join(ROOT, "test/conformance/server.ts")];
const EVERYTHING = [
  NODE,
  join(ROOT, "node_modules/@modelcontextprotocol/server-everything/dist/index.js"),
  "streamableHttp",
];
const ORDER = { amount: 5_000, currency: "usd", customer: "cus_ada" };

const agents = Object.entries(SDK_AGENTS);

/** A gateway in front of the server at a URL. */
const before = async (box: Sandbox, url: string, ...args: string[]) =>
  new URL(await box.url(box.command("serve", ...args, "--upstream", url)));

it.each(agents)("two servers at a place of their own each: %s", async (_name, connect) => {
  const box = sandbox();
  const [program, ...args] = PAYMENTS;
  const mcpServers = {
    payments: { command: program, args: [...args, `\${EXTRA:-}`] },
    fixture: { url: `\${FIXTURE_URL}`, headers: { authorization: `Bearer \${SECRET:-none}` } },
  };
  const file = box.write("servers.json", JSON.stringify({ mcpServers }));
  box.env.FIXTURE_URL = await box.url([...FIXTURE, "--http"]);
  const policy = join(ROOT, "policies/payments.yaml");
  const gateway = box.callgate("serve", "-c", policy, "--servers", file);
  await gateway.logged("/fixture/mcp");
  const [payments = "", fixture = ""] = gateway.stderr.match(/http\S+/g) ?? [];

  const clerk = await connect(box, new URL(payments));
  expect((await clerk.tools()).sort()).toEqual([
    "create_charge",
    "create_refund",
    "get_balance",
    "list_charges",
  ]);
  expect(await clerk.call("create_charge", ORDER)).toContain("ch_1");
  expect(await clerk.call("create_charge", { ...ORDER, amount: 50_001 })).toContain("cannot exceed");

  const tester = await connect(box, new URL(fixture));
  expect(await tester.call("test_simple_text")).toContain("simple text");
  const calls = box.records().flatMap((record) => (record.kind === "call" ? [record] : []));
  expect(calls.map(({ upstream, tool }) => `${upstream}/${tool}`)).toEqual([
    "payments/create_charge",
    "payments/create_charge",
    "fixture/test_simple_text",
  ]);
});

describe("server-everything at a URL", () => {
  it.each(agents.filter(([name]) => !/auto|pinned/.test(name)))("%s", async (_name, connect) => {
    const box = sandbox();
    const port = String(20_000 + Math.floor(Math.random() * 20_000));
    const server = box.spawn(EVERYTHING, { PORT: port });
    await server.logged(/listening on port/i);
    const policy = box.policy('version: "1"\nhide: [get-env]\n');
    const agent = await connect(box, await before(box, `http://127.0.0.1:${port}/mcp`, "-c", policy));
    expect(await agent.tools()).toContain("echo");
    expect(await agent.tools()).not.toContain("get-env");
    expect(await agent.call("echo", { message: "héllo" })).toContain("héllo");
    expect(await agent.call("get-env")).toContain("[CALLGATE POLICY DENIED]");
    const steps: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void steps.push(progress);
    await agent.call("trigger-long-running-operation", { duration: 0.4, steps: 4 }, { onprogress });
    expect(steps.length).toBeGreaterThan(0);
  });
});

describe("a server at a URL that restarts", () => {
  it.each(agents)("is spoken to again by a %s, which notices nothing", async (_name, connect) => {
    const box = sandbox();
    const first = box.spawn([...FIXTURE, "--http"]);
    const url = /http\S+/.exec(await first.logged(/listening on \S+\n/))?.[0] ?? "";
    const policy = box.policy('version: "1"\n');
    const agent = await connect(box, await before(box, url, "-c", policy));
    expect(await agent.call("test_simple_text")).toContain("simple text");
    await first.kill();
    await expect(agent.call("test_simple_text")).rejects.toThrow(/cannot be reached|ECONNREFUSED/);
    const again = box.spawn([...FIXTURE, "--http"], { PORT: new URL(url).port });
    await again.logged("listening on");
    expect(await agent.call("test_simple_text")).toContain("simple text");
    await agent.watch("test://watched-resource");
    await agent.call("touch", { uri: "test://watched-resource" });
    await expect.poll(() => agent.told).toEqual(["test://watched-resource"]);
  });
});

describe("numbers and fields that no SDK knows", () => {
  it("come through two gateways digit for digit", async () => {
    const box = sandbox();
    const inner = await box.serve();
    const policy = box.policy('version: "1"\n', "outer.yaml");
    const outer = await before(box, inner.url.href, "-c", policy);
    const agent = await onHttp(outer, inner.gateway);
    const args = '{"big":12345678901234567890,"small":1.10,"exp":1E400,"x-odd":[null,{"":-0}]}';
    const echoed = await agent.ask("tools/call", `{"name":"echo","x-new":1.0,"arguments":${args}}`);
    expect(echoed).toContain(`"structuredContent":${args}`);
    expect(box.received().at(-1)).toContain(`"x-new":1.0,"arguments":${args}`);
    expect(await agent.ask("tools/list")).toContain('"x-total":98765432109876543210,"_meta":{"page":1.0}');
  });

  it("a stdio agent reaches a server at a URL as it would one of its own", async () => {
    const box = sandbox();
    const { url } = await box.serve();
    const policy = box.policy('version: "1"\n', "outer.yaml");
    const agent = box.spawn([NODE, CALLGATE, "stdio", "-c", policy, "--upstream", url.href]);
    await agent.initialize();
    agent.send(
      '{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"echo","arguments":{"n":1.10}}}',
    );
    await agent.answer("a");
    expect(agent.lines.at(-1)).toContain('"structuredContent":{"n":1.10}');
    expect(await agent.end()).toMatchObject({ code: 0 });
  });
});

describe("a stream that breaks off", () => {
  it.each(["stdio", "HTTP"])("goes on from Last-Event-ID, the server on %s", async (upstream) => {
    const box = sandbox();
    const policy = box.policy('version: "1"\n');
    const server =
      upstream === "stdio" ? ["--", ...FIXTURE] : ["--upstream", await box.url([...FIXTURE, "--http"])];
    const gateway = box.callgate("serve", "-c", policy, ...server);
    const url = new URL(/http\S+/.exec(await gateway.logged(/listening on \S+\n/))?.[0] ?? "");
    const { headers } = await onHttp(url, gateway);
    const session = { ...headers, "mcp-protocol-version": "2025-11-25" };
    const call =
      '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"wait","arguments":{"ms":700}}}';
    const broken = await post(url, call, session);
    const reader = broken.body?.getReader();
    const primer = new TextDecoder().decode((await reader?.read())?.value);
    const id = /^id: (\S+)\nretry: \d+\ndata: \n\n$/.exec(primer)?.[1];
    await reader?.cancel();
    const accept = "text/event-stream";
    const resumed = await fetch(url, { headers: { ...session, accept, "last-event-id": id ?? "" } });
    expect(await resumed.text()).toContain('"text":"The wait is over."');
    expect(box.received()).toEqual([]); // and nothing was cancelled by it
  });

  it("says so when there is nothing to go on from", async () => {
    const box = sandbox();
    const { url, gateway } = await box.serve();
    const { headers } = await onHttp(url, gateway);
    const accept = "text/event-stream";
    const resumed = await fetch(url, { headers: { ...headers, accept, "last-event-id": "no-such-event" } });
    expect(resumed.status).toBe(400);
  });
});
