/** What an operator changes for now: visible, recorded, and never stronger than it says. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { connectGateway, type GatewayConnection } from "../../src/control/client.ts";
import { callDetail, draftView, snapshot } from "../../src/control/protocol.ts";
import { agentOver, counters, denied, type RawAgent, type Way } from "./agents.ts";
import { NODE, type Sandbox, sandbox } from "./helpers.ts";

const POLICY = `version: "1"
default: deny
hide: [wipe]
tools:
  create_charge:
    rules:
      - name: never more
        conditions: [{ path: args.amount, op: lte, value: 1000 }]
      - name: spend
        conditions: [{ path: state.create_charge.spent, op: lte, value: 5000 }]
        state: { counter: spent, window: day, increment_from: args.amount }
  echo:
    rules: []
`;

interface Attached {
  readonly box: Sandbox;
  readonly agent: RawAgent;
  readonly person: GatewayConnection;
  charge(amount: number | string): Promise<string | undefined>;
}

async function attached(policy = POLICY, way: Way = "stdio"): Promise<Attached> {
  const box = sandbox();
  const file = box.policy(policy);
  const agent = await agentOver(way, box, { policy: file });
  const dir = join(box.home, "run");
  await expect.poll(() => readdirSync(dir)).toHaveLength(1);
  const path = join(dir, readdirSync(dir)[0] ?? "");
  const person = await connectGateway(path, { snapshot() {}, events() {}, closed() {} });
  const charge = async (amount: number | string) => denied(await agent.call("create_charge", { amount }));
  return { box, agent, person, charge };
}

const operator = async (person: GatewayConnection) =>
  snapshot.parse(await person.command("snapshot")).operator;
const calls = (box: Sandbox) => box.records().filter(({ kind }) => kind === "call");

it("allow lets a tool through that rules deny, and still counts it; nothing stronger than rules", async () => {
  const { box, agent, person, charge } = await attached();
  expect(await charge(2000)).toContain("never more");
  expect(await person.command("allow create_charge for 10m")).toContain(
    "create_charge is allowed for 10m, whatever rules say, and still counted",
  );
  expect(await operator(person)).toMatchObject({
    allows: [{ tool: "create_charge", until: expect.any(Number) }],
  });
  expect(await charge(2000)).toBeUndefined();
  expect(counters(box)).toEqual({ "create_charge.spent": 2000 });
  expect(calls(box).at(-1)).toMatchObject({
    verdict: "allow",
    rule: { name: "allow create_charge", file: "operator", line: 0 },
    would: { verdict: "deny", rule: "never more" },
    counters: [{ before: "0", add: "2000" }],
  });
  // Not what cannot be judged, nor what is hidden, nor a name that is nearly another, nor a block, nor kill.
  expect(await charge(-1)).toContain("negative");
  await person.command("allow *");
  expect(denied(await agent.call("wipe"))).toContain("not available");
  expect(denied(await agent.call("Create_Charge", { amount: 1 }))).toContain("differs from");
  expect(denied(await agent.call("anything"))).toBeUndefined();
  await person.command("block CREATE_*");
  expect(await charge(1)).toContain("An operator has blocked");
  await person.command("unblock CREATE_*");
  await person.command("kill");
  expect(await charge(1)).toContain("An operator has stopped all calls");
  await person.command("unkill");
  await person.command("unallow create_charge");
  await person.command("unallow *");
  expect(await charge(2000)).toContain("never more");
  await expect(person.command("unallow *")).rejects.toThrow("* is not allowed");
  person.close();
});

it("hold FILTER asks before what the policy allows, and resume stops", async () => {
  const { box, person, charge } = await attached();
  expect(await person.command("hold tool:create_* arg.amount>500")).toContain("wait for a person");
  expect(await operator(person)).toMatchObject({ holds: ["tool:create_* arg.amount>500"] });
  expect(await charge(500)).toBeUndefined();
  expect(await charge(2000)).toContain("never more");
  const first = charge(600);
  const held = async () => snapshot.parse(await person.command("snapshot")).holds;
  await expect.poll(held).toMatchObject([{ rules: [{ file: "operator" }] }]);
  expect(counters(box)).toEqual({ "create_charge.spent": 500 });
  await person.command(`approve ${(await held())[0]?.id}`);
  expect(await first).toBeUndefined();
  expect(counters(box)).toEqual({ "create_charge.spent": 1100 });
  const second = charge(700);
  await expect.poll(held).toHaveLength(1);
  expect(await person.command("resume")).toContain("1 held before still wait");
  expect(await charge(800)).toBeUndefined();
  await person.command(`deny ${(await held())[0]?.id} not today`);
  expect(await second).toBe("not today");
  expect(await operator(person)).toMatchObject({ holds: [] });
  await expect(person.command("hold tool:")).rejects.toThrow("^^^^^");
  await expect(person.command("hold ms>5")).rejects.toThrow("before it has any ms");
  await expect(person.command("resume")).rejects.toThrow("No filter holds calls");
  person.close();
});

it("shadow on enforces nothing that the policy says, until shadow off", async () => {
  const { box, person, charge } = await attached();
  await person.command("shadow on");
  expect(await operator(person)).toMatchObject({ shadow: true });
  expect(await charge(2000)).toBeUndefined();
  expect(calls(box).at(-1)).toMatchObject({ shadow: true, verdict: "allow", would: { rule: "never more" } });
  await person.command("block create_charge");
  expect(await charge(1)).toContain("An operator has blocked");
  await person.command("unblock create_charge");
  await person.command("shadow off");
  expect(await charge(2000)).toContain("never more");
  const recorded = () =>
    box.records().flatMap((record) => (record.kind === "operator" ? [record.command] : []));
  await expect
    .poll(recorded)
    .toEqual(["shadow on", "block create_charge", "unblock create_charge", "shadow off"]);
  await expect(person.command("shadow maybe")).rejects.toThrow("Expected shadow on or shadow off");
  person.close();
});

it("reset and set make a counter stand at a value, in one step and in the log", async () => {
  const { box, person, charge } = await attached();
  expect(await charge(1000)).toBeUndefined();
  expect(await person.command("set create_charge.spent 4500.5")).toBe(
    "create_charge.spent is 4500.5; it was 1000",
  );
  expect(counters(box)).toEqual({ "create_charge.spent": 4500.5 });
  expect(await charge(1000)).toContain("spend");
  expect(await person.command("reset echo-server/create_charge.spent@day")).toContain("is 0; it was 4500.5");
  expect(await charge(1000)).toBeUndefined();
  const set = () => box.records().flatMap((record) => (record.kind === "operator" ? [record.counter] : []));
  await expect.poll(set).toMatchObject([
    { counter: "spent", window: "calendar day UTC", before: "1000", after: "4500.5" },
    { before: "4500.5", after: "0" },
  ]);
  await expect(person.command("reset spent")).rejects.toThrow("these are: create_charge.spent");
  await expect(person.command("set create_charge.spent -1")).rejects.toThrow(
    "-1: amounts must not be negative",
  );
  await expect(person.command("set create_charge.spent")).rejects.toThrow("VALUE is missing");
  person.close();
  const replay = box.callgate("replay", join(box.home, "audit"), "-c", box.policy(POLICY));
  await replay.exited;
  expect(replay.stderr).toBe("");
  expect(replay.lines.join("\n")).toContain("3 calls: 3 as recorded, 0 another way");
});

it.each(["stdio", "serve"] as const)(
  "call really calls, through the policy, as the operator (%s)",
  async (way) => {
    const { box, person } = await attached(POLICY, way);
    const detail = async (command: string) => callDetail.parse(await person.command(command));
    const made = await detail('call create_charge {"amount": 1.10, "n": 12345678901234567890}');
    expect(made).toMatchObject({ call: { agent: "operator", verdict: "allow", outcome: "ok" } });
    expect(made.result).toContain("12345678901234567890");
    expect(counters(box)).toEqual({ "create_charge.spent": 1.1 });
    expect(await detail('call echo-server/create_charge {"amount": 2000}')).toMatchObject({
      call: { verdict: "deny", rule: { name: "never more" } },
    });
    await person.command("hold agent:operator");
    const held = await detail("call echo");
    expect(held.call).toMatchObject({ verdict: "ask", outcome: null });
    await person.command(`approve ${held.call.id}`);
    await expect.poll(() => detail(`why ${held.call.id}`)).toMatchObject({ call: { outcome: "ok" } });
    await expect(person.command("call echo [1]")).rejects.toThrow("must be a JSON object");
    await expect(person.command("call echo {a:1}")).rejects.toThrow("a string at character 2");
    expect(calls(box).every((record) => record.kind === "call" && record.agent === "operator")).toBe(true);
    await person.command("kill");
    expect(await detail("call echo")).toMatchObject({
      call: { verdict: "deny", rule: { name: "kill switch" } },
    });
    // Its sessions, and the servers behind them, are gone.
    const sessions = async () => snapshot.parse(await person.command("snapshot")).upstreams[0]?.sessions;
    await expect.poll(sessions).toBe(1);
    person.close();
  },
);

it("write turns what was changed into rules, once a person has seen them", async () => {
  const { box, agent, person, charge } = await attached(POLICY.replace("tools:", "tools: # what there is"));
  const draft = async () => draftView.parse(await person.command("write"));
  await expect(draft()).rejects.toThrow("There is nothing to write");
  await person.command("block echo");
  await person.command("allow create_charge");
  await person.command("hold arg.amount>500 tool:create_*");
  const first = charge(2000);
  const held = async () => snapshot.parse(await person.command("snapshot")).holds;
  await expect.poll(held).toHaveLength(1);
  await person.command(`approve ${(await held())[0]?.id}`);
  expect(await first).toBeUndefined();
  const shown = await draft();
  expect(shown).toMatchObject({ file: "policy.yaml", notes: [] });
  expect(shown.diff.filter((line) => line.startsWith("-"))).toHaveLength(1); // echo's `rules: []`
  await expect(person.command("write yes nothing")).rejects.toThrow("Nothing by that token");
  expect(await person.command(`write yes ${shown.token}`)).toContain("says it now");
  expect(readFileSync(join(box.dir, "policy.yaml"), "utf8")).toContain("tools: # what there is");
  expect(await operator(person)).toMatchObject({ blocks: [], allows: [], holds: [] });
  expect(denied(await agent.call("echo"))).toContain("An operator has blocked echo");
  const again = charge(2000);
  await expect.poll(held).toMatchObject([{ rules: [{ file: "policy.yaml" }] }]);
  await person.command(`approve ${(await held())[0]?.id}`);
  expect(await again).toBeUndefined();
  person.close();
});

it("write does not write over what has changed since", async () => {
  const { box, person } = await attached();
  await person.command("block echo");
  const { token } = draftView.parse(await person.command("write"));
  box.policy(`${POLICY}# edited meanwhile\n`);
  await expect(person.command(`write yes ${token}`)).rejects.toThrow("has changed since it was shown");
  box.policy(`mode: shadow\n${POLICY}`);
  await expect(person.command("write")).rejects.toThrow("policy.yaml only watches (mode: shadow)");
  box.policy(`servers: [echo-server]\n${POLICY}`);
  expect(await person.command("write")).toMatchObject({ file: "policy.yaml" });
  box.policy(`servers: [other]\n${POLICY}`);
  await expect(person.command("write")).rejects.toThrow("policy.yaml is not for echo-server");
  await expect(person.command("write other.yaml")).rejects.toThrow("not in force; these are: policy.yaml");
  person.close();
});

/** Speaks the modern era only, and takes no other for an excuse. */
const MODERN_ONLY = `
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params = {} } = JSON.parse(line);
  const say = (more) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, ...more }) + "\\n");
  const meta = params._meta ?? {};
  if (id === undefined) continue;
  if (meta["io.modelcontextprotocol/protocolVersion"] === undefined) say({ error: { code: -32022, message: "no" } });
  else if (method === "tools/list") say({ result: { resultType: "complete", tools: [{ name: "hello", inputSchema: {} }] } });
  else say({ result: { resultType: "complete", content: [{ type: "text", text: "hello " + meta["io.modelcontextprotocol/clientInfo"].name }] } });
}`;

it("call reaches a server of the modern era only; of several gateways the one with the server is asked", async () => {
  const box = sandbox();
  const policy = box.policy('version: "1"\n');
  const server = [NODE, box.write("modern.mjs", MODERN_ONLY)];
  box.stdio({ policy, server, args: ["--name", "modern"] });
  box.stdio({ policy, args: ["--name", "legacy"] });
  await expect.poll(() => readdirSync(join(box.home, "run"))).toHaveLength(2);
  const ctl = async (...words: string[]) => {
    const peer = box.callgate("ctl", ...words);
    const { code } = await peer.exited;
    return { code, out: peer.lines.join("\n"), err: peer.stderr };
  };
  expect((await ctl("call", "modern/hello")).out).toContain("hello operator");
  expect((await ctl("--gateway", "legacy", "call", "echo", '{"n": 1}')).out).toContain('"n": 1');
  // Now that it is known which server has the tool, its name alone will do.
  expect((await ctl("try", "hello")).out).toContain("would be allowed");
  expect(await ctl("try", "nothing")).toMatchObject({
    code: 1,
    err: "callgate: no gateway knows a tool nothing\n",
  });
  expect((await ctl("block", "hello")).out.split("\n").sort()).toEqual([
    "legacy: hello is blocked until unblock",
    "modern: hello is blocked until unblock",
  ]);
});

it("allow is stronger than a plugin's denial, and not than a plugin that fails", async () => {
  const box = sandbox();
  box.write(
    "grump.ts",
    `export default {
      name: "grump",
      onCall(call, ctx) {
        if (call.args.amount === 13) throw new Error("unlucky");
        return ctx.deny("not in this mood");
      },
    };\n`,
  );
  const policy = box.policy('version: "1"\nplugins: [{ use: ./grump.ts }]\n');
  const agent = await agentOver("stdio", box, { policy });
  await expect.poll(() => readdirSync(join(box.home, "run"))).toHaveLength(1);
  const path = join(box.home, "run", readdirSync(join(box.home, "run"))[0] ?? "");
  const person = await connectGateway(path, { snapshot() {}, events() {}, closed() {} });
  const charge = async (amount: number) => denied(await agent.call("create_charge", { amount }));
  expect(await charge(1)).toContain("not in this mood");
  await person.command("allow create_charge");
  expect(await charge(1)).toBeUndefined();
  expect(await charge(13)).toContain("unlucky");
  person.close();
});
