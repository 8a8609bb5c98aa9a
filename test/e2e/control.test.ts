/** What a gateway shows on its control socket. */
import { readdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectGateway, type GatewayConnection } from "../../src/control/client.ts";
import { callDetail, type Event, type Snapshot } from "../../src/control/protocol.ts";
import { agentOver, post, type RawAgent, WAYS } from "./agents.ts";
import { type Sandbox, SEED, sandbox } from "./helpers.ts";

/** The one control socket of the sandbox. */
async function socket(box: Sandbox): Promise<string> {
  const dir = join(box.home, "run");
  await expect.poll(() => readdirSync(dir)).toHaveLength(1);
  return join(dir, readdirSync(dir)[0] ?? "");
}

class Watcher {
  snapshot: Snapshot | null = null;
  snapshots = 0;
  readonly events: Event[] = [];
  closed = false;
  static async on(box: Sandbox): Promise<[Watcher, GatewayConnection]> {
    const watcher = new Watcher();
    const connection = await connectGateway(await socket(box), {
      snapshot(snapshot) {
        watcher.snapshot = snapshot;
        watcher.snapshots++;
      },
      events: (events) => void watcher.events.push(...events),
      closed: () => {
        watcher.closed = true;
      },
    });
    await expect.poll(() => watcher.snapshot).not.toBeNull();
    return [watcher, connection];
  }

  of<T extends Event["type"]>(type: T): Extract<Event, { type: T }>[] {
    return this.events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  }
}

const charge = (agent: RawAgent, amount: number) => agent.call("create_charge", { amount });

describe.each(WAYS)("over %s", (way) => {
  it("what was before is in the snapshot, what comes is in events, details are for the asking", async () => {
    const box = sandbox();
    const policy = box.policy(SEED);
    const agent = await agentOver(way, box, { policy });
    await charge(agent, 50_000);
    const [seen, connection] = await Watcher.on(box);
    expect(connection.gateway).toMatchObject({
      pid: agent.gateway.pid,
      transport: way === "stdio" ? "stdio" : "http",
    });
    expect(connection.gateway.endpoints).toHaveLength(way === "stdio" ? 0 : 1);
    expect(seen.snapshot).toMatchObject({
      policy: { files: ["policy.yaml"], rules: 2, problems: [] },
      totals: { calls: 1, allowed: 1, denied: 0 },
      calls: [{ tool: "create_charge", arguments: '{"amount":50000}', verdict: "allow", outcome: "ok" }],
      counters: [{ counter: "daily_spend", window: "day", used: "50000", limit: "1000000", fraction: 0.05 }],
      denials: [],
    });

    await charge(agent, 50_001);
    await expect.poll(() => seen.of("call")).toHaveLength(1);
    const [{ call } = { call: undefined }] = seen.of("call");
    expect(call).toMatchObject({ verdict: "deny", rule: { name: "max single charge" } });
    await expect.poll(() => seen.of("denials").at(-1)).toMatchObject({ denials: [{ count: 1 }] });
    await charge(agent, 1);
    await expect.poll(() => seen.of("counters").at(-1)).toMatchObject({ counters: [{ used: "50001" }] });
    expect(seen.of("totals").at(-1)).toMatchObject({ totals: { calls: 3, allowed: 2, denied: 1 } });

    const detail = callDetail.parse(await connection.command(`why ${call?.id}`));
    expect(detail.trace).toMatchObject([
      {
        outcome: "deny",
        conditions: [{ path: "args.amount", expected: 50_000, actual: 50_001, holds: false }],
      },
      { outcome: "pass" },
    ]);
    await expect(connection.command("frobnicate")).rejects.toThrow(/There is no command "frobnicate"/);

    await agent.gateway.kill();
    await expect.poll(() => seen.closed).toBe(true);
  });

  it("tells who calls what, how it goes, and where a call's time went", async () => {
    const box = sandbox();
    const policy = box.policy(`${SEED}hide: [echo]\n`);
    const agent = await agentOver(way, box, { policy });
    const [seen, connection] = await Watcher.on(box);
    const [{ agent: name = "", id = "" } = {}] = seen.snapshot?.sessions ?? [];
    expect(name).not.toBe("");
    expect(seen.snapshot?.sessions).toMatchObject([{ era: "legacy", open: true, calls: 0, lastTime: null }]);
    await agent.ask("tools/list");
    await charge(agent, 1);
    await charge(agent, 50_001);
    await agent.call("invented");
    const tools = () => seen.of("tools").at(-1)?.tools ?? [];
    const tool = (named: string) => tools().find((each) => each.name === named);
    await expect.poll(() => tool("invented")).toMatchObject({ listed: false, calls: 1 });
    expect(tool("create_charge")).toMatchObject({ classes: ["financial"], calls: 2, denied: 1, errors: 0 });
    expect(tool("create_charge")?.p99).toBeGreaterThan(0);
    expect(tool("echo")).toMatchObject({ listed: true, hidden: true, calls: 0, p50: null });
    expect(seen.of("sessions").at(-1)).toMatchObject({
      sessions: [{ id, agent: name, era: "legacy", open: true, calls: 3, denied: 1 }],
    });
    const { timing, size, counters } = callDetail.parse(await connection.command("why 1"));
    expect(timing.server).toBeGreaterThan(0);
    expect(timing.held).toBeNull();
    expect(timing.total).toBeCloseTo(timing.gate + (timing.server ?? 0), 2);
    expect(size.arguments).toBe('{"amount":1}'.length);
    expect(counters).toMatchObject([{ before: "0", add: "1", after: "1" }]);
    connection.close();
  });
});

it("tells of reloads and of what is wrong with a file", async () => {
  const box = sandbox();
  const policy = box.policy(SEED);
  await agentOver("stdio", box, { policy });
  const [seen, connection] = await Watcher.on(box);
  writeFileSync(policy, SEED.replace("lte", "lessthan"));
  await expect
    .poll(() => seen.of("policy").at(-1))
    .toMatchObject({
      policy: { reloads: 0, problems: [{ line: 9, col: 17, help: expect.stringContaining("lte") }] },
    });
  writeFileSync(policy, SEED.replace("50000", "60000"));
  await expect.poll(() => seen.of("policy").at(-1)).toMatchObject({ policy: { reloads: 1, problems: [] } });
  expect(seen.of("policy").at(-1)?.policy.history).toMatchObject([
    { ok: true, problem: "" },
    { ok: false, problem: expect.stringMatching(/policy.yaml:9:17 .*lessthan/) },
    { ok: true, problem: "" },
  ]);
  connection.close();
  const [late, again] = await Watcher.on(box);
  expect(late.snapshot?.log.map(({ text }) => text).join("\n")).toMatch(/lessthan[\s\S]*reloaded: 2 rules/);
  again.close();
});

it("knows an agent of the modern era, which connects for each request, as one", async () => {
  const box = sandbox();
  const { url } = await box.serve();
  const meta = JSON.stringify({
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "modern", version: "1.0.0" },
    "io.modelcontextprotocol/clientCapabilities": {},
  });
  const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "echo" };
  const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{},"_meta":${meta}}}`;
  for (let n = 0; n < 3; n++) await post(url, call, headers);
  const [seen, connection] = await Watcher.on(box);
  expect(seen.snapshot?.sessions).toMatchObject([{ agent: "modern", era: "modern", open: false, calls: 3 }]);
  connection.close();
});

it("tells of frames that were refused", async () => {
  const box = sandbox();
  const { gateway } = await agentOver("stdio", box);
  const [seen, connection] = await Watcher.on(box);
  gateway.send("garbage");
  await expect.poll(() => seen.of("log").at(-1)).toMatchObject({ level: "warn", text: /refused a frame/ });
  await expect.poll(() => seen.of("totals").at(-1)).toMatchObject({ totals: { refused: 1, calls: 0 } });
  connection.close();
});

it("neither waits for a screen that never reads nor keeps all of it for later", async () => {
  const box = sandbox();
  const { gateway } = await agentOver("stdio", box);
  const deaf = connect(await socket(box)).pause();
  await new Promise((resolve) => deaf.once("connect", resolve));
  const params = JSON.stringify({ name: "echo", arguments: { text: "x".repeat(1_000) } });
  for (let burst = 1; burst <= 20; burst++) {
    const expected = gateway.messages.length + 1_000;
    for (let i = 0; i < 1_000; i++) {
      gateway.send(`{"jsonrpc":"2.0","id":"${burst}-${i}","method":"tools/call","params":${params}}`);
    }
    await gateway.until(() => gateway.messages.length === expected || undefined, "1,000 answers");
  }

  // Reading again, it is told how things stand now, and not everything that happened: that is 16 MB.
  let heard = "";
  deaf.setEncoding("utf8").on("data", (text) => {
    heard += text;
  });
  deaf.resume();
  await expect.poll(() => heard.split('"type":"snapshot"')).toHaveLength(3);
  await expect.poll(() => heard.split('"type":"snapshot"').at(-1)).toContain('"calls":20000');
  expect(heard.length).toBeLessThan(8_000_000);
  deaf.destroy();
});

it("survives those who speak something else", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box);
  const stranger = connect(await socket(box)).resume();
  stranger.write("GET / HTTP/1.1\r\n\r\n");
  await new Promise((resolve) => stranger.once("close", resolve));
  expect((await agent.call("echo")).result).toBeDefined();
});
