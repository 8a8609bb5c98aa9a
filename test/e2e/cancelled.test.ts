/** A cancelled request owes nobody an answer: nothing of it stays open, on either side. */
import { expect, it } from "vitest";
import { ALLOW_ALL, sandbox } from "./helpers.ts";
import { line, PAIRS } from "./pairs.ts";

const CANCEL =
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"n","reason":"no time"}}';

it.each(PAIRS.filter(({ upstream }) => upstream === "HTTP"))("$agent to $upstream", async (pair) => {
  const box = sandbox();
  const to = await line(pair, box, ["-c", box.policy(ALLOW_ALL)]);
  const heard = to.hear("n", "tools/call", '{"name":"never","arguments":{}}');
  heard.catch(() => {}); // over stdio nothing ever comes
  await expect.poll(() => box.received()).toHaveLength(3);
  to.send(CANCEL);
  await expect.poll(() => box.received().slice(3)).toEqual([CANCEL, '{"hungUp":"n"}']);
  if (pair.agent === "HTTP") expect(await heard).toEqual([]);
  expect(JSON.parse(await to.ask("p", "ping", "{}"))).toMatchObject({ id: "p", result: {} });
});

it("what a server asks and takes back leaves room for what it asks next", async () => {
  const peer = sandbox().stdio();
  await peer.initialize();
  const lines = Array.from({ length: 10_000 }, (_, id) => [
    `{"jsonrpc":"2.0","id":${id},"method":"sampling/createMessage","params":{}}`,
    `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`,
  ]).flat();
  await peer.call("spout", { lines: lines.map((text) => Buffer.from(text).toString("base64")) });
  const answer = peer.call("ask_client");
  const { id } = await peer.message(({ id }) => typeof id === "string" && id.startsWith("ask-"));
  peer.send(`{"jsonrpc":"2.0","id":9999,"result":{}}`); // which crossed the cancellation
  peer.send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"said":"hello"}}`);
  expect((await answer).result?.structuredContent).toEqual({ said: "hello" });
  expect(peer.stderr).not.toContain("refused");
});
