/** Whatever is no governed call passes as the very bytes that came, in order, both ways. */
import { expect, it } from "vitest";
import { SEED, sandbox } from "./helpers.ts";

const BIG = "12345678901234567890.000100";

/** Frames of an agent, odd but sound, that no rule has a say in. */
const FRAMES = [
  '{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"x":1E2},"clientInfo":{"name":"p","version":"1"}}}',
  '{"jsonrpc":"2.0","method":"notifications/initialized"}',
  '{"jsonrpc":"2.0","method":"notifications/initialized","params":{}}',
  `{"jsonrpc" : "2.0",\t"id":1, "method":"vendor/odd", "params":{"n":${BIG}, "_meta":{"progressToken":"t","a/b":[null]}}}`,
  '{"id":2,"jsonrpc":"2.0","params":{"uri":"file:///\\u00e9é\\ud83d\\ude00"},"method":"resources/read"}',
  '{"jsonrpc":"2.0","id":3,"method":"ping"}',
  '{"jsonrpc":"2.0","id":"4","method":"prompts/get","params":{"name":"p","arguments":{"a":"\\u2028"}}}',
  '{"jsonrpc":"2.0","id":5,"method":"logging/setLevel","params":{"level":"debug"},"extra":{"kept":[1.0]}}',
  `{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"echo","arguments":{"n":${BIG},"x":-0,"é":"\\/"},"_meta":{"traceparent":"00-0"},"task":{"ttl":1}}}`,
  '{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"nobody","reason":"odd"}}',
  '{"jsonrpc":"2.0","id":7,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"x"},"argument":{"name":"a","value":""}}}',
];

it("from the agent", async () => {
  const box = sandbox();
  const peer = box.stdio({ policy: box.policy(SEED) });
  peer.send(FRAMES.join("\n"));
  await peer.answer(7);
  expect(box.received()).toEqual(FRAMES);
});

it("from the agent, one byte at a time", async () => {
  const box = sandbox();
  const peer = box.stdio({ policy: box.policy(SEED) });
  for (const byte of Buffer.from(`${FRAMES.join("\n")}\n`)) {
    peer.send(Buffer.from([byte]));
    if (byte > 0x7f) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await peer.answer(7);
  expect(box.received()).toEqual(FRAMES);
});

it("from the server", async () => {
  const box = sandbox();
  const direct = box.spawn(["env", "-u", "RECORD_FILE", ...box.gate("stdio").slice(-2)]);
  const peer = box.stdio({ policy: box.policy(SEED) });
  for (const end of [direct, peer]) {
    end.send(FRAMES.join("\n"));
    await end.answer(7);
  }
  expect(peer.lines).toEqual(direct.lines);
  expect(peer.lines.join()).toContain(BIG);
});

it("in order, through calls that wait for their record", async () => {
  const box = sandbox();
  const peer = box.stdio({ policy: box.policy(SEED) });
  const sent = Array.from({ length: 300 }, (_, id) =>
    id % 3 === 0
      ? `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"create_charge","arguments":{"amount":1}}}`
      : `{"jsonrpc":"2.0","id":${id},"method":"ping"}`,
  );
  for (const line of sent) peer.send(line);
  await peer.answer(299);
  expect(box.received()).toEqual(sent);
  expect(peer.messages.map(({ id }) => id)).toEqual(sent.map((_, id) => id));
});

it("requests of the server, and the agent's answers to them", async () => {
  const box = sandbox();
  const peer = box.stdio();
  const asking = peer.call("ask_client");
  const asked = await peer.message(({ method }) => method === "sampling/createMessage");
  expect(asked).toMatchObject({ id: "ask-1", params: { maxTokens: 10 } });
  const answer = `{"jsonrpc":"2.0","id":"ask-1","result":{"role":"assistant","n":${BIG}}}`;
  peer.send(answer);
  expect(JSON.stringify((await asking).result)).toContain("12345678901234567890");
  expect(box.received().at(-1)).toBe(answer);
});

it("progress, before the answer it belongs to", async () => {
  const peer = sandbox().stdio();
  await peer.request("tools/call", {
    name: "progress",
    arguments: { steps: 5 },
    _meta: { progressToken: "tok" },
  });
  expect(peer.messages.map(({ method, params }) => [method, params?.progress])).toEqual([
    ...[1, 2, 3, 4, 5].map((n) => ["notifications/progress", n]),
    [undefined, undefined],
  ]);
});

it("but not what the server says that is no message", async () => {
  const peer = sandbox().stdio();
  expect((await peer.call("noise")).result).toBeDefined();
  expect(peer.lines).toHaveLength(1);
  await peer.logged(/dropped a frame of the server: not a JSON-RPC message: "this line is no JSON at all"/);
});

it("and nothing of the gateway's own on stdout", async () => {
  const peer = sandbox().stdio({ args: ["--log-level", "info"] });
  await peer.initialize();
  await peer.call("echo");
  await peer.end();
  expect(peer.lines).toHaveLength(2);
});
