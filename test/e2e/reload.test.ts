/** Saving the policy: the next call obeys. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agentOver, counters, denied, type RawAgent, WAYS } from "./agents.ts";
import { ALLOW_ALL, type Peer, type Sandbox, SEED, sandbox } from "./helpers.ts";

const capped = (cap: number) => SEED.replace("value: 50000", `value: ${cap}`);
const BROKEN = SEED.replace('"lte"', '"lessthan"');

/** Saves in two steps that a person could not tell apart from one. */
function saveByRename(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}

const charge = async (agent: RawAgent, amount: number) =>
  denied(await agent.call("create_charge", { amount }));
const passes = async (agent: RawAgent, amount: number) => (await charge(agent, amount)) === undefined;

/** The promise of 300 ms, and what a busy machine needs. */
const soon = { timeout: 3_000, interval: 25 };

/** A gateway whose files are watched by now, and the path of its policy. */
async function start(box: Sandbox, text = SEED, way: (typeof WAYS)[number] = "stdio") {
  const path = box.policy(text);
  const agent = await agentOver(way, box, { policy: path, args: ["--log-level", "info"] });
  return { agent, path };
}

describe.each(WAYS)("over %s", (way) => {
  it("in place", async () => {
    const { agent, path } = await start(sandbox(), SEED, way);
    expect(await passes(agent, 60_000)).toBe(false);
    writeFileSync(path, capped(60_000));
    await expect.poll(() => passes(agent, 60_000), soon).toBe(true);
    writeFileSync(path, capped(100));
    await expect.poll(() => passes(agent, 101), soon).toBe(false);
  });

  it("by rename, over and over", async () => {
    const { agent, path } = await start(sandbox(), SEED, way);
    for (const cap of [60_000, 61_000, 62_000]) {
      saveByRename(path, capped(cap));
      await expect.poll(() => passes(agent, cap), soon).toBe(true);
    }
  });

  it("twice in 50 ms: the second stays", async () => {
    const { agent, path } = await start(sandbox(), SEED, way);
    for (const [first, second] of [
      [capped(60_000), capped(10)],
      [BROKEN, capped(20)],
    ] as const) {
      writeFileSync(path, first);
      await new Promise((resolve) => setTimeout(resolve, 30));
      saveByRename(path, second);
      const cap = second === capped(10) ? 10 : 20;
      await expect
        .poll(async () => [await passes(agent, cap), await passes(agent, cap + 1)], soon)
        .toEqual([true, false]);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([await passes(agent, 20), await passes(agent, 21)]).toEqual([true, false]);
  });

  it("broken: the last good one decides, says where and why, and recovers when mended", async () => {
    const { agent, path } = await start(sandbox(), SEED, way);
    writeFileSync(path, BROKEN);
    await agent.gateway.logged(
      /policy\.yaml:9:17 unknown operator "lessthan" \(help: .*\); the last good policy decides/,
    );
    expect(await charge(agent, 50_001)).toBe("Single charge cannot exceed $500.00");
    writeFileSync(path, "");
    await agent.gateway.logged(/policy\.yaml:1:1 /);
    expect(await charge(agent, 50_001)).toBe("Single charge cannot exceed $500.00");
    writeFileSync(path, capped(60_000));
    await expect.poll(() => passes(agent, 60_000), soon).toBe(true);
  });
});

it("counters stay", async () => {
  const box = sandbox();
  const { agent, path } = await start(box);
  for (let i = 0; i < 19; i++) await charge(agent, 50_000);
  writeFileSync(path, capped(60_000));
  await expect
    .poll(async () => denied(await agent.call("create_charge", { amount: 50_001 })), soon)
    .toMatch(/Daily/);
  expect(await passes(agent, 50_000)).toBe(true);
  expect(counters(box)).toEqual({ "create_charge.daily_spend": 1_000_000 });
});

it("calls in flight finish under the decision they got", async () => {
  const { agent, path } = await start(sandbox(), ALLOW_ALL);
  const slow = agent.call("slow", { ms: 600 });
  writeFileSync(path, `${ALLOW_ALL}hide: [slow]\n`);
  await expect.poll(async () => denied(await agent.call("slow", { ms: 0 })), soon).toBeDefined();
  expect((await slow).result?.structuredContent).toEqual({ ms: 600 });
});

it("a file that is removed or unreadable leaves the last good one", async () => {
  const { agent, path } = await start(sandbox());
  rmSync(path);
  await agent.gateway.logged(/policy\.yaml:\d+:\d+ .*the last good policy decides/);
  expect(await passes(agent, 50_001)).toBe(false);
  writeFileSync(path, capped(60_000));
  await expect.poll(() => passes(agent, 60_000), soon).toBe(true);
});

it("a folder of policies: files come and go", async () => {
  const box = sandbox();
  const folder = join(box.dir, "policies");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.yaml"), SEED);
  const agent = await agentOver("stdio", box, { policy: folder });
  expect(await passes(agent, 100)).toBe(true);
  writeFileSync(join(folder, "b.yaml"), capped(50));
  await expect.poll(() => passes(agent, 100), soon).toBe(false);
  rmSync(join(folder, "b.yaml"));
  await expect.poll(() => passes(agent, 100), soon).toBe(true);
});

describe("tools/list_changed", () => {
  const told = (peer: Peer) =>
    peer.messages.filter(({ method }) => method === "notifications/tools/list_changed");

  it("goes to an agent whose tools changed, and to no other", async () => {
    const box = sandbox();
    const { agent, path } = await start(box, ALLOW_ALL);
    const { gateway } = agent;
    await agent.ask("tools/list");
    writeFileSync(path, `${ALLOW_ALL}hide: [echo]\n`);
    await gateway.message(({ method }) => method === "notifications/tools/list_changed");
    expect(JSON.parse(await agent.ask("tools/list")).result.tools).not.toContainEqual(
      expect.objectContaining({ name: "echo" }),
    );
    writeFileSync(path, `${ALLOW_ALL}hide: [echo, no_such_tool]\n# and rules that hide nothing\n`);
    await gateway.until(
      () => (gateway.stderr.split("policy reloaded").length === 3 ? true : undefined),
      "reload",
    );
    writeFileSync(path, ALLOW_ALL);
    await gateway.until(() => (told(gateway).length === 2 ? true : undefined), "second list_changed");
    expect(box.received().join("\n")).not.toContain("list_changed");
  });

  it("reaches clients over HTTP", async () => {
    const box = sandbox();
    const policy = box.policy(ALLOW_ALL);
    const { url } = await box.serve({ policy });
    const names: string[][] = [];
    const client = await box.v2(url, {
      listChanged: {
        tools: { onChanged: (_error, tools) => void names.push((tools ?? []).map(({ name }) => name)) },
      },
    });
    await client.listTools();
    writeFileSync(policy, `${ALLOW_ALL}hide: [echo]\n`);
    await expect.poll(() => names.length, soon).toBe(1);
    expect(names[0]).toContain("fail");
    expect(names[0]).not.toContain("echo");
  });
});

describe("a folder that another takes the place of, as deployments do, is followed on", () => {
  const release = (folder: string, cap: number) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "p.yaml"), capped(cap));
  };

  it.each([
    [
      "removed, and made again",
      (at: string) => release(at, 50_000),
      async (at: string, agent: RawAgent) => {
        rmSync(at, { recursive: true });
        await agent.gateway.logged(/no such file/);
        release(at, 60_000);
      },
    ],
    [
      "moved away",
      (at: string) => release(at, 50_000),
      (at: string) => {
        release(`${at}-new`, 60_000);
        renameSync(at, `${at}-old`);
        renameSync(`${at}-new`, at);
      },
    ],
    [
      "a link to the current release",
      (at: string) => {
        release(`${at}-1`, 50_000);
        symlinkSync(`${at}-1`, at);
      },
      (at: string) => {
        release(`${at}-2`, 60_000);
        symlinkSync(`${at}-2`, `${at}-link`);
        renameSync(`${at}-link`, at);
      },
    ],
  ])("%s", async (_, before, change) => {
    const box = sandbox();
    const at = join(box.dir, "releases");
    before(at);
    const path = join(at, "p.yaml");
    const agent = await agentOver("stdio", box, { policy: path, args: ["--log-level", "info"] });
    expect(await passes(agent, 60_000)).toBe(false);
    await change(at, agent);
    await expect.poll(() => passes(agent, 60_000), { ...soon, timeout: 8_000 }).toBe(true);
    writeFileSync(path, capped(100));
    await expect.poll(() => passes(agent, 101), soon).toBe(false);
  });
});

it("a file that the policy includes, in another folder, is followed too", async () => {
  const box = sandbox();
  mkdirSync(join(box.dir, "shared"));
  const shared = box.write("shared/common.yaml", 'version: "1"\n');
  const policy = box.policy('version: "1"\ninclude: [shared/common.yaml]\n');
  const agent = await agentOver("stdio", box, { policy });
  expect(denied(await agent.call("echo"))).toBeUndefined();
  writeFileSync(shared, 'version: "1"\nhide: [echo]\n');
  await expect.poll(async () => denied(await agent.call("echo"))).toMatch(/not available/);
});
