/** Frames that are no sound message: a clear error, and nothing lost before or after them. */
import { describe, expect, it } from "vitest";
import { agentOver, counters, onHttp, post, WAYS } from "./agents.ts";
import { type Sandbox, SEED, sandbox } from "./helpers.ts";

const call = (id: string, params: string) =>
  `{"jsonrpc":"2.0","id":"${id}","method":"tools/call","params":${params}}`;

/** What an agent may send on stdin, the code of the error, and the id that it carries. */
const BAD: readonly (readonly [string, string | Buffer, number, string | null])[] = [
  ["text", "GET / HTTP/1.1", -32700, null],
  ["JSON cut off", '{"jsonrpc":"2.0","id":1', -32700, null],
  [
    "two messages on a line",
    '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"}',
    -32700,
    null,
  ],
  [
    "bytes that are no UTF-8",
    Buffer.from('{"jsonrpc":"2.0","id":1,"method":"p\xff"}\n', "latin1"),
    -32700,
    null,
  ],
  ["a number", "5", -32600, null],
  ["null", "null", -32600, null],
  ["a batch", `[${call("a", '{"name":"create_charge","arguments":{"amount":5}}')}]`, -32600, null],
  ["another JSON-RPC", '{"jsonrpc":"1.0","id":"a","method":"ping"}', -32600, "a"],
  ["NaN", call("a", '{"name":"create_charge","arguments":{"amount":NaN}}'), -32700, null],
  [
    "a key twice",
    call("a", '{"name":"create_charge","arguments":{"amount":1,"amount":60000}}'),
    -32700,
    null,
  ],
  ["a name twice", call("a", '{"name":"echo","name":"create_charge","arguments":{}}'), -32700, null],
  ["a key in capitals", call("a", '{"name":"echo","Name":"create_charge"}'), -32600, "a"],
  [
    "a method in capitals",
    '{"jsonrpc":"2.0","id":"a","method":"Tools/Call","params":{"name":"create_charge"}}',
    -32600,
    "a",
  ],
  ["a call without a name", call("a", "{}"), -32602, "a"],
  ["a call with an empty name", call("a", '{"name":""}'), -32602, "a"],
  ["a name with an invisible character", call("a", '{"name":"create\\u200b_charge"}'), -32602, "a"],
  [
    "a call that expects no answer",
    '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"create_charge"}}',
    -32600,
    null,
  ],
  ["an id of null", '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, null],
  ["an id with a fraction", '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, null],
  ["an answer to nothing", '{"jsonrpc":"2.0","id":"a","result":{}}', -32600, null],
];

/** What reached the server. */
const methods = (box: Sandbox): unknown[] => box.received().map((line) => JSON.parse(line).method);

describe("over stdio", () => {
  it.each(BAD)("%s", async (_what, frame, code, id) => {
    const box = sandbox();
    const peer = box.stdio({ policy: box.policy(SEED) });
    await peer.initialize();
    peer.send(frame);
    const answer = await peer.message(({ error }) => error !== undefined);
    expect([answer.error?.code, answer.id]).toEqual([code, id]);
    expect(answer.error?.message).toMatch(/^callgate: .{10,}\.$/);
    expect((await peer.call("create_charge", { amount: 7 })).result?.isError).toBeUndefined();
    expect(methods(box)).toEqual(["initialize", "notifications/initialized", "tools/call"]);
    expect(counters(box)).toEqual({ "create_charge.daily_spend": 7 });
    expect(box.records().map(({ kind }) => kind)).toContain("refused");
  });

  it("an id in flight: the first request keeps its right to the answer", async () => {
    const box = sandbox();
    const peer = box.stdio({ policy: box.policy(SEED) });
    await peer.initialize();
    peer.send(call("x", '{"name":"slow","arguments":{"ms":200}}'));
    peer.send(call("x", '{"name":"create_charge","arguments":{"amount":5}}'));
    expect((await peer.answer(null)).error?.message).toContain('The id "x" is in flight already');
    expect((await peer.answer("x")).result?.structuredContent).toEqual({ ms: 200 });
    expect(counters(box)).toEqual({});
  });

  it("a carriage return within a frame cannot make two of it", async () => {
    const box = sandbox();
    const peer = box.stdio({ policy: box.policy(SEED) });
    peer.send('{"jsonrpc":"2.0",\r"id":1,"method":"ping"}\r');
    expect((await peer.answer(1)).result).toEqual({});
    expect(box.received()).toEqual(['{"jsonrpc":"2.0", "id":1,"method":"ping"} ']);
  });

  it("takes 20 MB in one argument", async () => {
    const box = sandbox();
    const peer = box.stdio({ policy: box.policy(SEED) });
    await peer.initialize();
    const text = "ä".repeat(10_000_000);
    expect((await peer.call("echo", { text })).result?.structuredContent).toEqual({ text });
    expect((await peer.request("ping")).result).toEqual({});
    const record = JSON.stringify(box.records().find(({ kind }) => kind === "call"));
    expect(record.length).toBeLessThan(2_000);
    expect(record).toMatch(/"\$hash":"[0-9a-f]{64}"/);
  });

  it("a frame longer than --max-message: an error instead of a dead session", async () => {
    const box = sandbox();
    const peer = box.stdio({ args: ["--max-message", "1000"] });
    await peer.initialize();
    peer.send(call("big", `{"name":"echo","arguments":{"text":"${"x".repeat(1_000_000)}"}}`));
    expect((await peer.answer(null)).error).toMatchObject({
      code: -32600,
      message: expect.stringContaining("longer than 1000 bytes (--max-message)"),
    });
    expect((await peer.call("echo", { text: "small" })).result).toBeDefined();
    expect(box.received().some((line) => line.includes("xxx"))).toBe(false);
  });

  it("a last frame without a line feed counts", async () => {
    const box = sandbox();
    const peer = box.stdio();
    peer.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'));
    await peer.end();
    expect(peer.messages).toEqual([{ jsonrpc: "2.0", id: 1, result: {} }]);
  });
});

describe("over HTTP", () => {
  it.each(BAD)("%s", async (_what, frame, code, id) => {
    const box = sandbox();
    const { url, gateway } = await box.serve({ policy: box.policy(SEED) });
    const agent = await onHttp(url, gateway);
    const response = await post(url, frame, agent.headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id, error: { code } });
    expect(counters(box)).toEqual({});
    expect((await agent.call("echo")).result).toBeDefined();
    expect(methods(box)).toEqual(["initialize", "notifications/initialized", "tools/call"]);
  });

  it("takes 20 MB in one argument, and no more than --max-message", async () => {
    const box = sandbox();
    const { url, gateway } = await box.serve({ args: ["--max-message", "45000000"] });
    const agent = await onHttp(url, gateway);
    const text = "x".repeat(20_000_000);
    expect((await agent.call("echo", { text })).result?.structuredContent).toEqual({ text });
    await expect(agent.call("echo", { text: text.repeat(3) })).resolves.toMatchObject({
      error: { message: expect.stringMatching(/--max-message/) },
    });
    expect((await agent.call("echo")).result).toBeDefined();
  });
});

describe("an answer that is too long", () => {
  it.each(WAYS)("is told to the agent that waits for it, over %s", async (way) => {
    const box = sandbox();
    const agent = await agentOver(way, box, { args: ["--max-message", "100000"] });
    const answer = await agent.call("echo", { text: "x".repeat(60_000) }); // comes back twice
    expect(answer.error?.message).toMatch(/the server's answer is a line longer than 100000 bytes/);
    expect((await agent.call("echo")).result).toBeDefined();
  });

  it("is known by an id at its end as well", async () => {
    const box = sandbox();
    const peer = box.stdio({ args: ["--max-message", "100000"] });
    await peer.initialize();
    peer.send('{"jsonrpc":"2.0","id":"late","method":"tools/call","params":{"name":"never"}}');
    await peer.call("say", {
      before: '{"result":{"x":"',
      fill: 120_000,
      after: '"},"jsonrpc":"2.0","id":"late"}',
    });
    expect((await peer.answer("late")).error?.message).toMatch(/longer than 100000 bytes/);
  });
});
