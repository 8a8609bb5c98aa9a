import { expect, it } from "vitest";
import { ECHO, sandbox } from "./helpers.ts";

it("answers digit for digit and records every byte it got", async () => {
  const box = sandbox();
  const peer = box.spawn(ECHO);
  await peer.initialize();
  const line =
    '{"jsonrpc":"2.0","id":"big","method":"tools/call","params":{"name":"echo","arguments":{"n":12345678901234567890,"x":1.10}}}';
  peer.send(line);
  await peer.answer("big");
  expect(peer.lines.at(-1)).toContain('"structuredContent":{"n":12345678901234567890,"x":1.10}');
  peer.send(Buffer.from([0x7b, 0xff, 0x0a]));
  await peer.message((message) => message.error?.code === -32700);
  expect(box.received()).toContain(line);
});

it("misbehaves as asked", async () => {
  const peer = sandbox().spawn(ECHO);
  expect((await peer.call("fail")).error?.code).toBe(-32050);
  expect((await peer.call("tool_error")).result).toMatchObject({ isError: true });
  await peer.call("noise");
  expect(peer.lines).toContain("this line is no JSON at all");
  await peer.request("tools/call", {
    name: "progress",
    arguments: { steps: 2 },
    _meta: { progressToken: "p" },
  });
  expect(peer.messages.filter((message) => message.method === "notifications/progress")).toHaveLength(2);

  const asking = peer.call("ask_client");
  const asked = await peer.message((message) => message.method === "sampling/createMessage");
  peer.send({ jsonrpc: "2.0", id: asked.id, result: { said: "swordfish" } });
  expect((await asking).result?.structuredContent).toEqual({ said: "swordfish" });

  await expect(peer.request("tools/call", { name: "never" }, 100)).rejects.toThrow(/100 ms passed/);
  await expect(peer.call("crash")).rejects.toThrow(/the process ended/);
  expect((await peer.exited).code).toBe(3);
});
