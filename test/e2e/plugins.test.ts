/** Plugins at the gate: a policy names them, and they judge calls, results and lists. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { snapshot } from "../../src/control/protocol.ts";
import { agentOver, counters, denied, person, type RawAgent, WAYS } from "./agents.ts";
import { NODE, ROOT, type Sandbox, sandbox } from "./helpers.ts";

const plugin = (name: string, body: string) => `export default { name: "${name}", ${body} };\n`;

/** Does what the call says: one of everything that a plugin can do. */
const GUARD = plugin(
  "guard",
  `
  counters: { spent: { window: "day" } },
  onCall(call, ctx) {
    const { amount, do: what } = call.args;
    if (what === "throw") null.x;
    if (what === "spin") for (;;);
    if (what === "bomb") { const all = []; for (;;) all.push(new Array(1e6).fill(Math.random())); }
    if (what === "ask") return ctx.ask("Really?", { "args.do": what });
    if (what === "edit") return ctx.edit({ ...call.args, do: "edited", by: "guard" });
    if (what === "log") ctx.log("seen", amount);
    if (typeof amount !== "number") return;
    const spent = ctx.counter("spent");
    if (spent.value + amount > 100) return ctx.deny(\`\${spent.value} of 100 is spent\`, { "args.amount": amount });
    spent.add(amount);
  },
  onResult(call, result, ctx) {
    if (call.args.do === "block") return ctx.block("Not for agents");
    return ctx.redact(/sk_live_\\w+/, "[key]");
  },
  onTools(tools) {
    return tools.filter(({ name }) => name !== "crash").map((tool) => ({ ...tool, description: "guarded" }));
  },
  `,
);

const policyOf = (more = "") => `version: "1"
plugins:
  - use: ./guard.ts
    tools: [echo, create_charge, fail, "slow"]
${more}`;

async function start(way: (typeof WAYS)[number], box: Sandbox, text = policyOf(), args: string[] = []) {
  box.write("guard.ts", GUARD);
  return agentOver(way, box, { policy: box.policy(text), args: ["--log-level", "info", ...args] });
}

const echoed = async (agent: RawAgent, args: Record<string, unknown>) =>
  (await agent.call("echo", args)).result?.structuredContent;

const run = (box: Sandbox, ...args: string[]) => {
  const [command = "", ...rest] = box.command(...args);
  return spawnSync(command, rest, { env: box.env, cwd: box.dir, encoding: "utf8", timeout: 30_000 });
};

describe.each(WAYS)("over %s", (way) => {
  it("deny, edit, count, redact, block and filter", async () => {
    const box = sandbox();
    const agent = await start(way, box);
    expect(await echoed(agent, { amount: 60.5 })).toEqual({ amount: 60.5 });
    expect(denied(await agent.call("echo", { amount: 40 }))).toBe("60.5 of 100 is spent");
    expect(await echoed(agent, { amount: 39.5 })).toEqual({ amount: 39.5 });
    expect(counters(box)).toEqual({ "plugin guard.spent": 100 });
    // Edited, the rest digit for digit.
    const edited = await agent.ask(
      "tools/call",
      '{"name":"echo","arguments":{"do":"edit","n":12345678901234567890}}',
    );
    expect(edited).toContain('"structuredContent":{"do":"edited","n":12345678901234567890,"by":"guard"}');
    expect(await echoed(agent, { key: "sk_live_abc" })).toEqual({ key: "[key]" });
    expect(denied(await agent.call("echo", { do: "block" }))).toBe("Not for agents");
    const list = await agent.ask("tools/list");
    expect(list).not.toContain('"name":"crash"');
    expect(list).toContain('"description":"guarded"');
    expect(list).toContain('"x-serial":12345678901234567890');
    // A tool that the plugin is not for.
    expect((await agent.call("noise", { amount: 1_000 })).result?.structuredContent).toEqual({
      amount: 1_000,
    });
    expect(box.received().filter((line) => line.includes('"amount":40'))).toEqual([]);
  });

  it("what fails is denied with its place; all else goes on, and the host is back", async () => {
    const box = sandbox();
    const agent = await start(way, box);
    expect(denied(await agent.call("echo", { do: "throw" }))).toMatch(
      /^Plugin "guard" could not judge this: it threw TypeError: .* \(guard\.ts:5:\d+\)$/,
    );
    for (const [what, why] of [
      ["spin", /it ran longer than 500 ms/],
      ["bomb", /memory|its host|ran longer/],
    ] as const) {
      const failing = agent.call("echo", { do: what });
      const others = await Promise.all([echoed(agent, { a: 1 }), agent.call("noise", { b: 1 })]);
      expect(others[0]).toEqual({ a: 1 });
      expect(denied(await failing)).toMatch(why);
      expect(await echoed(agent, { again: 1 })).toEqual({ again: 1 });
    }
    expect(box.received().filter((line) => /spin|bomb|throw/.test(line))).toEqual([]);
  });

  it("saved, it judges the next call; broken, the last good one does", async () => {
    const box = sandbox();
    const agent = await start(way, box);
    expect(await echoed(agent, { word: "a" })).toEqual({ word: "a" });
    box.write("guard.ts", plugin("guard", 'onCall(call, ctx) { return ctx.deny("two") }'));
    await expect.poll(async () => denied(await agent.call("echo", { word: "a" }))).toBe("two");
    box.write("guard.ts", 'export default {\n  name: "guard",\n  onCall( { }\n};');
    await agent.gateway.logged(
      /guard\.ts:4:1 Expected .*help: mend the code here.*the last good policy decides/,
    );
    expect(denied(await agent.call("echo", { word: "a" }))).toBe("two");
    box.write("guard.ts", plugin("guard", "onCall() {}"));
    await expect.poll(() => echoed(agent, { word: "a" })).toEqual({ word: "a" });
  });

  it("a call that a plugin asks about is held as it edited it, and approved as that", async () => {
    const box = sandbox();
    box.write(
      "second.ts",
      plugin("second", "onCall(call, ctx) { if (call.args.do === 'edited') return ctx.ask('Edited?') }"),
    );
    const agent = await start(way, box, policyOf("  - use: ./second.ts\n"));
    const connection = await person(box);
    const answers = [agent.call("echo", { do: "edit" }), agent.call("echo", { do: "ask" })];
    const holds = async () => snapshot.parse(await connection.command("snapshot")).holds;
    await expect.poll(async () => (await holds()).length).toBe(2);
    const messages = (await holds()).map(({ message, rules }) => [message, rules[0]?.name]).sort();
    expect(messages).toEqual([
      ["Edited?", "second"],
      ["Really?", "guard"],
    ]);
    for (const { id } of await holds()) await connection.command(`approve ${id}`);
    const [edited, asked] = await Promise.all(answers);
    expect(edited?.result?.structuredContent).toEqual({ do: "edited", by: "guard" });
    expect(asked?.result?.structuredContent).toEqual({ do: "ask" });
    connection.close();
  });
});

it("a JSON-RPC error gives back what plugins counted; the log replays as it went, and names their hashes", async () => {
  const box = sandbox();
  const agent = await start(
    "stdio",
    box,
    policyOf("tools: { echo: { rules: [{ name: pace, rate_limit: 5/day }] } }\n"),
  );
  await agent.call("fail", { amount: 90 });
  await expect.poll(() => counters(box)).toEqual({ "plugin guard.spent": 0 });
  await agent.call("echo", { amount: 70 });
  await agent.call("echo", { do: "edit" });
  await agent.call("echo", { do: "throw" });
  for (let i = 0; i < 5; i++) await agent.call("echo", { amount: 10 });
  expect(counters(box)).toEqual({ "plugin guard.spent": 100, "echo.rate_limit": 5 });
  await agent.gateway.end();
  const calls = box.records().filter((record) => record.kind === "call");
  expect(calls.map(({ plugins }) => plugins)).toEqual(
    calls.map(({ rule }) =>
      rule?.name === "pace" ? [] : [{ name: "guard", hash: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    ),
  );
  const results = box.records().filter((record) => record.kind === "result");
  const [hash] = calls.flatMap(({ plugins }) => plugins.map((each) => each.hash));
  // An error is not put to plugins.
  expect(results.map(({ outcome, plugins }) => [outcome, plugins.map((each) => each.hash)])).toEqual(
    results.map(({ outcome }) => [outcome, outcome === "error" ? [] : [hash]]),
  );
  expect(calls[2]).toMatchObject({ arguments: { do: "edit" }, edited: { do: "edited", by: "guard" } });
  const audit = join(box.home, "audit");
  expect(run(box, "audit", "verify").status).toBe(0);
  expect(run(box, "audit", "show").stdout).toContain(
    '{"do":"edit"} edited to {"do":"edited","by":"guard"} by',
  );
  expect(run(box, "replay", audit, "-c", "policy.yaml")).toMatchObject({
    stdout: expect.stringContaining(`${calls.length} calls: ${calls.length} as recorded, 0 another way\n`),
    status: 0,
  });
  box.write("strict.yaml", policyOf().replace("./guard.ts", "./none.ts"));
  box.write("none.ts", plugin("none", 'onCall(call, ctx) { return ctx.deny("none") }'));
  expect(run(box, "replay", audit, "-c", "strict.yaml").stdout).toMatch(
    /allow -> deny by none \(none\.ts:1:?\d*\)/,
  );
});

it("an operator lists plugins, asks them, turns them off and on; replay knows", async () => {
  const box = sandbox();
  const agent = await start("stdio", box, policyOf());
  box.write(
    "guard.ts",
    GUARD.replace(
      "onCall(call",
      `commands: {
        spent: { help: "what is spent", run: (words, ctx) => ctx.counter("spent").value + " " + words },
        draw: { help: "something hostile", run: () => "\\u001b[2J\\nsecond" },
      },
      onCall(call`,
    ),
  );
  const connection = await person(box);
  const view = async () => snapshot.parse(await connection.command("snapshot"));
  await expect
    .poll(async () => (await view()).policy.plugins[0]?.commands)
    .toEqual([
      { name: "spent", help: "what is spent" },
      { name: "draw", help: "something hostile" },
    ]);
  await echoed(agent, { amount: 60 });
  expect(await connection.command("guard spent so far")).toBe("60 so,far");
  await expect(connection.command("guard spend")).rejects.toThrow("Expected guard spent: what is spent; ");
  expect(run(box, "ctl", "guard", "draw").stdout).toBe("\\e[2J\nsecond\n");
  expect(await connection.command("plugin list")).toMatch(
    /^guard: ready, asked about 1 calls \(guard\.ts, [0-9a-f]{12}\)$/,
  );
  await expect(connection.command("plugin disable gard")).rejects.toThrow("there are guard");
  expect(await connection.command("plugin disable guard")).toContain(
    "is not asked until plugin enable guard",
  );
  expect((await view()).operator.plugins).toEqual(["guard"]);
  expect(await echoed(agent, { amount: 60 })).toEqual({ amount: 60 });
  expect(await agent.ask("tools/list")).toContain('"name":"crash"');
  await connection.command("plugin enable guard");
  expect(denied(await agent.call("echo", { amount: 60 }))).toBe("60 of 100 is spent");
  connection.close();
  await agent.gateway.end();
  expect(run(box, "replay", join(box.home, "audit"), "-c", "policy.yaml").stdout).toContain(
    "3 calls: 3 as recorded, 0 another way\n",
  );
  expect(run(box, "audit", "show").stdout).toMatch(/ operator: plugin disable guard\n/);
});

it("two gateways together never pass a limit that a plugin sets", async () => {
  const box = sandbox();
  const agents = await Promise.all([start("stdio", box), start("stdio", box)]);
  const all = await Promise.all(
    agents.flatMap((agent) => Array.from({ length: 10 }, () => agent.call("echo", { amount: 10 }))),
  );
  expect(all.filter((answer) => denied(answer) === undefined)).toHaveLength(10);
  expect(counters(box)).toEqual({ "plugin guard.spent": 100 });
});

it("a call that is cancelled while plugins are asked never leaves, nor does one whose agent goes", async () => {
  const box = sandbox();
  const agent = await start("stdio", box);
  const { gateway } = agent;
  await echoed(agent, {}); // the host is there
  const call = (id: number, args: object) =>
    `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":${JSON.stringify(args)}}}\n`;
  // The first keeps the host busy, so that the others wait for it when the cancel comes.
  gateway.send(
    Buffer.from(
      `${call(901, { do: "spin" })}${call(902, { amount: 10, mark: "cancelled" })}{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":902}}\n${call(903, { mark: "kept" })}`,
    ),
  );
  expect((await gateway.answer(903)).result?.structuredContent).toEqual({ mark: "kept" });
  expect(gateway.messages.some(({ id }) => id === 902)).toBe(false);
  expect(box.received().filter((line) => line.includes("cancelled"))).toEqual([]);
  expect(counters(box)).toEqual({});
  const refused = box
    .records()
    .filter((record) => record.kind === "call" && record.rule?.name === "withdrawn");
  expect(refused).toHaveLength(1);
});

it("a result that a plugin still looks at reaches the agent of a server that has gone", async () => {
  const box = sandbox();
  box.write(
    "late.ts",
    plugin(
      "late",
      "onResult(call, result, ctx) { for (let i = 0; i < 3e7; i++); return ctx.redact(/x+/, 'y') }",
    ),
  );
  const agent = await start("stdio", box, 'version: "1"\nplugins: [{ use: ./late.ts, timeout: 5s }]\n');
  const call = (id: number, params: string) =>
    agent.gateway.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`);
  call(7, '{"name":"echo","arguments":{"a":"xxx"}}');
  call(9, '{"name":"progress","arguments":{"steps":1},"_meta":{"progressToken":"p"}}');
  await agent.gateway.message(({ method }) => method === "notifications/progress");
  // Until then, its id is in flight.
  call(7, '{"name":"echo","arguments":{"a":"the same id"}}');
  await agent.gateway.message(({ error }) => /"?7"? is in flight already/.test(error?.message ?? ""));
  call(8, '{"name":"crash"}');
  expect(await agent.gateway.exited).toMatchObject({ code: 3 });
  expect(agent.gateway.messages.find(({ id }) => id === 7)?.result).toMatchObject({
    structuredContent: { a: "y" },
  });
});

it("a result that a plugin puts in another's place is one that agents of the modern era take", async () => {
  const box = sandbox();
  const server = box.write(
    "server.mjs",
    `import { createInterface } from "node:readline";
    createInterface({ input: process.stdin }).on("line", (line) => {
      const { id } = JSON.parse(line);
      const result = { resultType: "complete", content: [{ type: "text", text: "complete" }] };
      console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });`,
  );
  box.write(
    "other.ts",
    plugin(
      "other",
      `onResult({ tool }, result, ctx) {
        return tool === "a" ? ctx.replace({ content: [] }) : ctx.redact(/complete/, "-");
      }`,
    ),
  );
  const policy = box.policy('version: "1"\nplugins: [{ use: ./other.ts }]\n');
  const gateway = box.stdio({ policy, server: [NODE, server] });
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const call = (id: string) => {
    const params = { name: id, arguments: {}, _meta };
    gateway.send(JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params }));
    return gateway.answer(id);
  };
  expect((await call("a")).result).toEqual({ resultType: "complete", content: [] });
  expect((await call("b")).result).toMatchObject({ resultType: "complete", content: [{ text: "-" }] });
});

it("a server that nests without end does not end the gateway: what cannot be judged is not handed on", async () => {
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  const line = `{"jsonrpc":"2.0","id":"call","result":{"structuredContent":${deep}}}`;
  const redacting = "results: { '*': { rules: [{ name: no secrets, redact: [secrets] }] } }\n";
  for (const text of [policyOf(), `version: "1"\n${redacting}`]) {
    const box = sandbox();
    const agent = await start("stdio", box, text.replace("slow", "never"));
    agent.gateway.send('{"jsonrpc":"2.0","id":"call","method":"tools/call","params":{"name":"never"}}');
    await agent.call("say", { line });
    const answer = await agent.gateway.answer("call");
    expect(denied(answer) ?? answer.error?.message).toMatch(/nested so deep|could not be judged/);
    expect(await echoed(agent, { a: 1 })).toEqual({ a: 1 });
  }
});

it("a plugin in shadow mode, or under --shadow, changes nothing and is recorded", async () => {
  for (const args of [[], ["--shadow"]]) {
    const box = sandbox();
    const agent = await start("stdio", box, policyOf(args.length === 0 ? "mode: shadow\n" : ""), args);
    expect(await echoed(agent, { amount: 500 })).toEqual({ amount: 500 });
    expect(await echoed(agent, { do: "edit" })).toEqual({ do: "edit" });
    expect(await echoed(agent, { key: "sk_live_abc" })).toEqual({ key: "sk_live_abc" });
    const [first, second] = box.records().filter((record) => record.kind === "call");
    expect(second).toMatchObject({ arguments: { do: "edit" }, edited: null });
    expect(first?.would).toMatchObject({ verdict: "deny", rule: "guard" });
  }
});

it("--plugin, and what cannot be loaded ends the start with its place", async () => {
  const box = sandbox();
  box.write("more.ts", plugin("more", 'onCall(call, ctx) { return ctx.deny("by option") }'));
  const agent = await agentOver("stdio", box, { args: ["--plugin", "more.ts"] });
  expect(denied(await agent.call("echo"))).toBe("by option");
  box.write(
    "bad.yaml",
    'version: "1"\nplugins:\n  - use: ./guard.ts\n    config: { most: 1 }\n    timeout: 1h\n',
  );
  box.write("guard.ts", GUARD);
  const bad = run(box, "check", "bad.yaml");
  expect(bad.status).toBe(1);
  expect(bad.stdout).toMatch(
    /^bad\.yaml:5:14 timeout "1h" cannot be\n {2}help: a hook may run from 1ms to 10s/,
  );
  box.write("bad.yaml", 'version: "1"\nplugins:\n  - use: ./guard.ts\n    config: { most: 1 }\n');
  expect(run(box, "check", "bad.yaml").stdout).toMatch(/^bad\.yaml:4:15 unknown setting "most"\n {2}help: /);
  box.write(
    "bad.yaml",
    'version: "1"\nplugins:\n  - use: ./guard.ts\n  - use: ./guard.ts\n  - use: ./more.ts\n',
  );
  expect(run(box, "check", "bad.yaml").stdout).toMatch(/^bad\.yaml: ok /);
  box.write("more.ts", plugin("guard", "onCall() {}"));
  expect(run(box, "check", "bad.yaml").stdout).toMatch(
    /^bad\.yaml:5:10 another plugin is called "guard": \.\/guard\.ts\n {2}help: /,
  );
});

it("the plugins that ship pass the tests of the example that uses them all", () => {
  const file = join(ROOT, "examples/plugins.yaml");
  const { plugins } = parse(readFileSync(file, "utf8"));
  const used = plugins.map(({ use }: { use: string }) => basename(use)).sort();
  expect(used).toEqual(readdirSync(join(ROOT, "plugins")).filter((name) => name.endsWith(".ts")));
  expect(run(sandbox(), "test", file).stdout).toMatch(/plugins\.yaml: \d+ tests passed\n$/);
});

it("plugin new: what it writes passes its check and tests, and obeys an edit", async () => {
  const box = sandbox();
  expect(run(box, "plugin", "new", "no-yen").stdout).toContain("no-yen.ts: the plugin");
  expect(run(box, "check", "no-yen.yaml").stdout).toBe("no-yen.yaml: ok (0 rules, 0 tools, 1 plugin)\n");
  expect(run(box, "test", "no-yen.yaml").stdout).toBe("no-yen.yaml: 2 tests passed\n");
  const tried = run(box, "try", "pay", '{"amount": 51}', "-c", "no-yen.yaml");
  expect(tried.stdout).toMatch(/^DENY pay by "no-yen" \(no-yen\.ts:\d+\)\n {2}51 is more than 50\n/);
  expect(tried.stdout).toContain("args.amount 51");
  box.write(
    "no-yen.ts",
    plugin("no-yen", 'config: { max: { type: "number" } }, onCall(call, ctx) { return ctx.deny("no") }'),
  );
  const failed = run(box, "test", "no-yen.yaml");
  expect(failed.status).toBe(1);
  expect(failed.stdout).toContain('+ got verdict deny by "no-yen"');
  const again = run(box, "plugin", "new", "no-yen");
  expect([again.status, again.stderr]).toEqual([2, expect.stringContaining("is there already")]);
});
