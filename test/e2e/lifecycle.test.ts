import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agentOver, onHttp, WAYS } from "./agents.ts";
import { type Exit, NODE, type Peer, type Sandbox, sandbox } from "./helpers.ts";

const script = (code: string) => [NODE, "-e", code];
/** A server that ignores the end of its input and SIGTERM. */
const STUBBORN = script("process.on('SIGTERM',()=>{});setInterval(()=>{},1000);console.error('ready')");
/** A server that starts a process of its own and leaves it behind. */
const PARENT = script(
  "require('node:child_process').spawn('sleep',['300'],{stdio:'ignore'});process.stdin.resume();console.error('ready')",
);

async function ended(box: Sandbox, exit: Promise<Exit>): Promise<Exit> {
  const status = await exit;
  expect(box.processes()).toEqual([]);
  return status;
}

describe("stdio ends with its server", () => {
  it.each([0, 1, 7, 127])("that exits with status %i", async (code) => {
    const box = sandbox();
    const exit = box.stdio({ server: script(`setTimeout(()=>process.exit(${code}),100)`) }).exited;
    expect(await ended(box, exit)).toEqual({ code, signal: null });
  });

  it("that a signal ended", async () => {
    const box = sandbox();
    const exit = box.stdio({ server: script("process.kill(process.pid,'SIGKILL')") }).exited;
    expect(await ended(box, exit)).toEqual({ code: 137, signal: null });
  });

  it.each([0, 1])(
    "that has closed its file %i and lives on: it hears, or says, nothing any more",
    async (fd) => {
      const box = sandbox();
      const peer = box.stdio({
        args: ["--log-level", "info"],
        server: script(`require('node:fs').closeSync(${fd});console.error('done');setInterval(()=>{},1000)`),
      });
      await peer.logged(/done/);
      const told = await peer.call("echo");
      expect(told.error?.message).toBe("callgate: the server was ended by signal 15 before it answered");
      expect(await ended(box, peer.exited)).toEqual({ code: 143, signal: null });
    },
  );

  it("that crashes in the middle of calls: each is answered", async () => {
    const box = sandbox();
    const peer = box.stdio();
    await peer.initialize();
    const calls = ["never", "never", "crash"].map((name) => peer.call(name));
    for (const answer of await Promise.all(calls)) {
      expect(answer.error).toEqual({
        code: -32603,
        message: "callgate: the server exited with status 3 before it answered",
      });
    }
    expect(await ended(box, peer.exited)).toEqual({ code: 3, signal: null });
  });

  it("that crashed before it was asked anything: what was asked is answered", async () => {
    const box = sandbox();
    const peer = box.stdio({ server: script("setTimeout(()=>{throw new Error('no luck')},200)") });
    const answer = await peer.request("initialize", {});
    expect(answer.error?.message).toContain("the server exited with status 1");
    expect(await ended(box, peer.exited)).toEqual({ code: 1, signal: null });
  });

  it("passes on what the server said last", async () => {
    const box = sandbox();
    const last = "{ jsonrpc: '2.0', method: 'notifications/message', params: { data: 'x'.repeat(300_000) } }";
    const code = `process.stdout.write(JSON.stringify(${last}) + "\\n")`;
    const peer = box.stdio({ server: script(code) });
    await ended(box, peer.exited);
    expect(peer.messages).toHaveLength(1);
  });
});

describe("stdio ends with its agent", () => {
  it("whose input ends: what was asked before is answered first", async () => {
    const box = sandbox();
    const peer = box.stdio();
    await peer.initialize();
    peer.send({ jsonrpc: "2.0", id: "last", method: "tools/call", params: { name: "echo" } });
    expect(await ended(box, peer.end())).toEqual({ code: 0, signal: null });
    expect(peer.messages.at(-1)?.id).toBe("last");
  });

  it("who no longer reads", async () => {
    const box = sandbox();
    const peer = box.stdio();
    await peer.initialize();
    peer.child.stdout?.destroy();
    peer.notify("notifications/initialized");
    peer.send({ jsonrpc: "2.0", id: 2, method: "ping" });
    await ended(box, peer.exited);
  });

  it("that is killed", async () => {
    const box = sandbox();
    const [program, ...args] = box.gate("stdio");
    const start = `spawn(${JSON.stringify(program)},${JSON.stringify(args)},{stdio:['pipe','ignore','ignore']})`;
    const agent = box.spawn(script(`require('node:child_process').${start}`));
    await expect.poll(() => box.processes(), { timeout: 5_000 }).toHaveLength(3);
    agent.kill("SIGKILL");
    await expect.poll(() => box.processes(), { timeout: 5_000 }).toEqual([]);
  });
});

describe.each(WAYS)("%s", (way) => {
  const started = async (box: Sandbox): Promise<Peer> => (await agentOver(way, box)).gateway;

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("ends at %s and leaves nothing", async (signal) => {
    const box = sandbox();
    const gateway = await started(box);
    expect(box.processes().length).toBeGreaterThan(1);
    const { signal: by } = await ended(box, gateway.kill(signal));
    expect(by).toBeNull();
  });

  it("closes its audit log and takes its socket away", async () => {
    const box = sandbox();
    const gateway = await started(box);
    await expect.poll(() => readdirSync(join(box.home, "run"))).toHaveLength(1);
    await gateway.kill();
    expect(readdirSync(join(box.home, "run"))).toEqual([]);
    expect(box.records().at(-1)).toMatchObject({ kind: "close" });
  });
});

describe("a signal ends", () => {
  it("servers that will not leave", async () => {
    const box = sandbox();
    const peer = box.stdio({ server: STUBBORN, args: ["--log-level", "info"] });
    await peer.logged("ready");
    await ended(box, peer.kill());
  });

  it("what servers started", async () => {
    const box = sandbox();
    const peer = box.stdio({ server: PARENT, args: ["--log-level", "info"] });
    await peer.logged("ready");
    await ended(box, peer.kill());
  });
});

/** The same, which says hello first. */
const STUBBORN_SESSION = script(
  `process.on("SIGTERM",()=>{});setInterval(()=>{},1000);process.stdin.once("data",(line)=>{
    const { id } = JSON.parse(String(line).split("\\n")[0]);
    const result = { protocolVersion: "2025-06-18", capabilities: {}, serverInfo: { name: "s", version: "1" } };
    process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n");
  })`,
);

describe("nothing is left of a server", () => {
  it("whose session its agent ended just before", async () => {
    const box = sandbox();
    const { url, gateway } = await box.serve({ server: STUBBORN_SESSION });
    const { headers } = await onHttp(url, gateway);
    expect((await fetch(url, { method: "DELETE", headers })).ok).toBe(true);
    await ended(box, gateway.kill());
  });

  it("that starts while the gateway is told to end", async () => {
    for (const delay of [0, 50, 100, 150, 200]) {
      const box = sandbox();
      const peer = box.stdio({ server: STUBBORN });
      await new Promise((resolve) => setTimeout(resolve, delay));
      await ended(box, peer.kill());
    }
  });

  it.each(WAYS)("that will not leave when %s is told twice to end", async (way) => {
    const box = sandbox();
    const { gateway } = await agentOver(way, box, { server: STUBBORN_SESSION });
    gateway.child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 200));
    await ended(box, gateway.kill("SIGINT"));
  });
});

it.runIf(process.platform === "linux")("a log that nobody reads fills no memory", async () => {
  // 40 MB of log before each answer.
  const chatty = `const line = "y".repeat(199) + "\\n"; process.stdin.on("data", (d) => {
    for (let i = 0; i < 200; i++) process.stderr.write(line.repeat(1000));
    process.stderr.write("", () => console.log(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(d).id, result: {} })));
  });`;
  const peer = sandbox().stdio({ args: ["--log-level", "info"], server: script(chatty) });
  const memory = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${peer.pid}/status`, "utf8"))?.[1]) / 1024;
  peer.child.stderr?.pause();
  expect((await peer.request("ping")).result).toEqual({});
  const before = memory();
  expect((await peer.request("ping")).result).toEqual({});
  expect(memory() - before).toBeLessThan(30);
});

it("serve outlives a server that crashes, and opens the next session", async () => {
  const box = sandbox();
  const agent = await agentOver("serve", box);
  expect((await agent.call("crash")).error?.message).toContain("exited with status 3");
  const { gateway } = agent;
  const [url = ""] = /http:\S+/.exec(gateway.stderr) ?? [];
  const client = await box.v1(new URL(url));
  expect((await client.callTool({ name: "echo" })).isError).toBeUndefined();
  await ended(box, gateway.kill());
});

it("serve says when the server's command is missing, and lives", async () => {
  const box = sandbox();
  const { url, gateway } = await box.serve({ server: ["no-such-server-anywhere"] });
  await expect(box.v1(url)).rejects.toThrow(/there is no such command/);
  await gateway.logged("no-such-server-anywhere");
  expect(gateway.ended).toBe(false);
});
