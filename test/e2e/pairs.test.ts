/** Real clients in every mode, through every pair of transports, at a server of both eras. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NODE, ROOT, Sandbox } from "./helpers.ts";
import { PAIRS } from "./pairs.ts";
import { SDK_AGENTS, type SdkAgent } from "./sdk-agents.ts";

const FIXTURE = [NODE, join(ROOT, "test/conformance/server.ts")];
const WATCHED = "test://watched-resource";
const POLICY = `
version: "1"
hide: [test_image_content]
tools:
  touch: { rules: [{ name: tests only, conditions: [{ path: args.uri, op: starts_with, value: "test://" }] }] }
`;

const combinations = PAIRS.flatMap((pair) => Object.keys(SDK_AGENTS).map((client) => ({ ...pair, client })));

describe.each(combinations)("$client on $agent, server on $upstream", ({ client, agent, upstream }) => {
  const box = new Sandbox();
  const policy = box.policy(POLICY);
  let to: SdkAgent;
  beforeAll(async () => {
    const server =
      upstream === "stdio" ? ["--", ...FIXTURE] : ["--upstream", await box.url([...FIXTURE, "--http"])];
    const args = ["-c", policy, ...server];
    const gate = box.command(agent === "stdio" ? "stdio" : "serve", ...args);
    const connect = SDK_AGENTS[client];
    if (connect === undefined) throw new Error(`no client ${client}`);
    to = await connect(box, agent === "stdio" ? gate : new URL(await box.url(gate)));
  });
  afterAll(() => box.dispose());

  it("speaks its era", () => {
    expect(to.era).toBe(/auto|pinned/.test(client) ? "modern" : "legacy");
  });

  it("sees the tools that are not hidden, and calls those that are allowed", async () => {
    const tools = await to.tools();
    expect(tools).toContain("test_simple_text");
    expect(tools).not.toContain("test_image_content");
    expect(await to.call("test_simple_text")).toContain("This is a simple text response");
    expect(await to.call("test_image_content")).toContain("[CALLGATE POLICY DENIED]");
    expect(await to.call("touch", { uri: "file:///etc/passwd" })).toContain("[CALLGATE POLICY DENIED]");
    expect(await to.call("test_error_handling")).toContain("intentionally returns an error");
  });

  it("calls a tool whose arguments headers mirror", async () => {
    await to.tools();
    expect(await to.call("test_x_mcp_header", { region: "Zürich", level: 3 })).toContain("region: Zürich");
  });

  it("hears how far a call is", async () => {
    const steps: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void steps.push(progress);
    await to.call("test_tool_with_progress", {}, { onprogress });
    expect(steps.length, "this client drops those that come together with the answer").toBeGreaterThan(0);
    expect([0, 50, 100].slice(0, steps.length)).toEqual(steps);
  });

  it("is asked for a sample and a form in the middle of a call", async () => {
    expect(await to.call("test_sampling", { prompt: "The password?" })).toContain("swordfish");
    expect(await to.call("test_elicitation", { message: "Who are you?" })).toContain("ada@example.com");
  });

  it("cancels a call, and the server hears of it", async () => {
    const before = box.received().length;
    const abort = new AbortController();
    const call = to.call("wait", {}, { signal: abort.signal });
    call.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 150));
    abort.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await expect.poll(() => box.received().slice(before)).toEqual(["cancelled"]);
    expect(await to.call("test_simple_text")).toContain("This is a simple text response");
  });

  it("is told of changes: to a resource, to the server's tools, to the policy", async () => {
    await to.watch(WATCHED);
    await to.call("touch", { uri: WATCHED });
    await expect.poll(() => to.told).toEqual([WATCHED]);
    await to.call("test_trigger_tool_change");
    // In the legacy era over HTTP this server has one instance a session, which tells its own agent.
    await expect.poll(() => to.told).toEqual([WATCHED, "tools"]);
    box.policy(POLICY.replace("test_image_content", "test_audio_content"));
    await expect.poll(() => to.told, { timeout: 5_000 }).toEqual([WATCHED, "tools", "tools"]);
    const tools = await to.tools();
    expect(tools).toContain("test_image_content");
    expect(tools).not.toContain("test_audio_content");
  });

  it("pings, in the era that has it", async () => {
    await to.ping?.();
  });
});
