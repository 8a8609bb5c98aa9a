/** What a call that was let through costs, by how it ends. */
import { describe, expect, it } from "vitest";
import { agentOver, counters, denied, WAYS } from "./agents.ts";
import { sandbox } from "./helpers.ts";

/** Three calls of any tool, whatever comes of them. */
const THREE = `version: "1"
tools:
  "*":
    rules:
      - name: three
        conditions: [{ path: state._global.calls, op: lte, value: 3 }]
        state: { counter: calls, window: day, increment: 1 }
`;

const COUNTER = "_global.calls";

describe.each(WAYS)("over %s", (way) => {
  it("an error of the server gives back", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(THREE) });
    for (let i = 0; i < 10; i++) expect((await agent.call("fail")).error?.code).toBe(-32050);
    expect((await agent.call("no_such_tool")).error?.code).toBe(-32602);
    expect((await agent.call("echo")).result?.isError).toBeUndefined();
    expect(counters(box)).toEqual({ [COUNTER]: 1 });
  });

  it("a result with isError keeps: the server has acted", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(THREE) });
    for (let i = 0; i < 3; i++) {
      const answer = await agent.call("tool_error");
      expect([answer.result?.isError, denied(answer)]).toEqual([true, undefined]);
    }
    expect(denied(await agent.call("tool_error"))).toMatch(/three/);
    expect(counters(box)).toEqual({ [COUNTER]: 3 });
  });

  it("a result keeps, whatever is said beside it", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(THREE) });
    const result = { content: [] };
    // As some servers spell that there is no error.
    expect((await agent.call("answer", { result, error: null })).result).toEqual(result);
    const both = await agent.call("answer", {
      result,
      error: { code: -32000, message: "not done, honestly" },
    });
    expect(both.error?.message).toBe("callgate: the server's answer is both a result and an error");
    expect((await agent.call("echo")).result?.isError).toBeUndefined();
    expect(counters(box)).toEqual({ [COUNTER]: 3 });
  });

  it("a crash of the server keeps: it may have acted", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(THREE) });
    const crashed = await agent.call("crash");
    expect(crashed.error?.message).toBe("callgate: the server exited with status 3 before it answered");
    expect(counters(box)).toEqual({ [COUNTER]: 1 });
  });
});

// Otherwise an agent could spend without end: call, cancel at once, call again.
it("a cancel keeps: only the server itself can say that it did not act", async () => {
  const box = sandbox();
  const peer = box.stdio({ policy: box.policy(THREE) });
  await peer.initialize();
  for (const id of ["a", "b", "c"]) {
    peer.send({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "never" } });
    peer.notify("notifications/cancelled", { requestId: id, reason: "changed my mind" });
  }
  expect(denied(await peer.call("echo"))).toMatch(/three/);
  // The server hears of each cancel, after the call that it cancels.
  await expect.poll(() => box.received().filter((line) => line.includes("/cancelled"))).toHaveLength(3);
  expect(counters(box)).toEqual({ [COUNTER]: 3 });
});

it("a cancelled call that the server then answers with an error gives back once", async () => {
  const box = sandbox();
  const peer = box.stdio({ policy: box.policy(THREE) });
  await peer.initialize();
  peer.send(
    '{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"fail"}}\n' +
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"x"}}',
  );
  await peer.answer("x");
  await peer.call("echo");
  expect(counters(box)).toEqual({ [COUNTER]: 1 });
});
