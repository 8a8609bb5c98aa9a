/** Rules about results, resources and prompts, through the gate. */
import { describe, expect, it } from "vitest";
import { agentOver, denied, WAYS } from "./agents.ts";
import { ROOT, sandbox } from "./helpers.ts";

const RESULTS = `version: "1"
results:
  echo:
    rules:
      - { name: no secrets out, redact: [secrets] }
      - { name: not too much, max_bytes: 2KB }
`;
const KEY = `sk_live_${"4eC39HqLyjWDarjtT1zdp7dc"}`;

describe.each(WAYS)("results over %s", (way) => {
  it("are handed on without their secrets, and else as they came", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(RESULTS) });
    const { result } = await agent.call("echo", `{"note":"the key is ${KEY}","n":12345678901234567890}`);
    expect(JSON.stringify(result)).not.toContain(KEY);
    expect(JSON.stringify(result)).toContain("[redacted secret]");
    const line = await agent.ask("tools/call", '{"name":"echo","arguments":{"n":12345678901234567890}}');
    expect(line).toContain("12345678901234567890");
    await expect
      .poll(() => box.records().find(({ kind }) => kind === "result"))
      .toMatchObject({ handed: { verdict: "redact", rule: "no secrets out", shadow: false } });
    expect(JSON.stringify(box.records())).not.toContain(KEY);
  });

  it("that are errors are handed on without their secrets", async () => {
    const box = sandbox();
    const policy = box.policy(RESULTS.replace("echo:", "fail:"));
    const agent = await agentOver(way, box, { policy });
    expect((await agent.call("fail", { message: `no: ${KEY}` })).error).toMatchObject({
      code: -32050,
      message: "no: [redacted secret]",
    });
    expect((await agent.call("fail")).error?.message).toBe("failed as asked");
  });

  it.each(["input_required", "task"])(
    "that call themselves %s and are there already are judged",
    async (resultType) => {
      const box = sandbox();
      const agent = await agentOver(way, box, { policy: box.policy(RESULTS.replace("echo:", "answer:")) });
      const content = [{ type: "text", text: KEY }];
      for (const more of [{ content }, { structuredContent: { KEY } }, { content: KEY }]) {
        const { result } = await agent.call("answer", { result: { resultType, taskId: "task-1", ...more } });
        expect(JSON.stringify(result)).not.toContain(KEY);
      }
    },
  );

  it("that are too large are denied", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(RESULTS) });
    expect(denied(await agent.call("echo", { text: "x".repeat(3000) }))).toMatch(/not too much/);
    expect(denied(await agent.call("echo", { text: "x" }))).toBeUndefined();
  });
});

describe.each(WAYS)("results that come later over %s", (way) => {
  const LATER = RESULTS.replace("echo:", "later:");

  it("are judged by the rules for the tool, whatever request they answer", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(LATER) });
    const { result } = await agent.call("later", { note: KEY });
    expect(result).toEqual({ task: { taskId: "task-1", status: "working" } });
    const about = '{"taskId":"task-1"}';
    for (const method of ["tasks/result", "tasks/get"]) {
      const answer = await agent.ask(method, about);
      expect(answer).toContain("[redacted secret]");
      expect(answer).not.toContain(KEY);
    }
    expect(JSON.parse(await agent.ask("tasks/get", about)).result.status).toBe("completed");
    if (way === "stdio") {
      const told = agent.gateway.lines.filter((line) => line.includes("notifications/tasks"));
      expect(told).toHaveLength(2);
      expect(told.join()).toContain("[redacted secret]");
      expect(told.join()).not.toContain(KEY);
    }
    await expect
      .poll(() =>
        box
          .records()
          .filter(({ kind }) => kind === "result")
          .at(-1),
      )
      .toMatchObject({ handed: { verdict: "redact", rule: "no secrets out" } });
  });

  it("are known from tasks of either era, and their errors judged too", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(LATER) });
    const { result } = await agent.call("later", { flat: true, error: `no: ${KEY}` });
    expect(result).toEqual({ resultType: "task", content: [], taskId: "task-1", status: "working" });
    const failed = JSON.parse(await agent.ask("tasks/get", '{"taskId":"task-1"}')).result;
    expect(failed.error).toEqual({ code: -32603, message: "no: [redacted secret]" });
    if (way === "stdio") expect(agent.gateway.lines.join()).not.toContain(KEY);
  });

  it("of a task that nobody knows are denied, where there are rules for results", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(LATER) });
    expect(denied(JSON.parse(await agent.ask("tasks/result", '{"taskId":"task-9"}')))).toMatch(
      /not known here/,
    );
    const other = await agentOver(way, sandbox(), {});
    expect(JSON.parse(await other.ask("tasks/result", '{"taskId":"task-9"}')).result.content).toHaveLength(1);
  });
});

const EVERYTHING = [
  process.execPath,
  `${ROOT}/node_modules/@modelcontextprotocol/server-everything/dist/index.js`,
  "stdio",
];
const STRICT = `version: "1"
results:
  "*":
    rules:
      - { name: no plain text, action: deny, conditions: [{ path: result.text, op: contains, value: "plaintext resource" }], on_deny: Not that }
      - { name: no numbers, redact: [{ regex: "[0-9]{1,2}:[0-9]{2}", name: time }] }
`;

it("what resources and prompts hold is judged by the rules for all results", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(STRICT), server: EVERYTHING });
  const read = JSON.parse(await agent.ask("resources/read", '{"uri":"demo://resource/dynamic/text/1"}'));
  expect(read.error).toMatchObject({ code: 403, message: "[CALLGATE POLICY DENIED] Not that" });
  const blob = JSON.parse(await agent.ask("resources/read", '{"uri":"demo://resource/dynamic/blob/1"}'));
  expect(blob.result.contents[0].blob).toMatch(/^[A-Za-z0-9+/=]+$/);
  const subscribed = JSON.parse(
    await agent.ask("resources/subscribe", '{"uri":"demo://resource/dynamic/text/1"}'),
  );
  expect(subscribed.result).toBeDefined();
});

const HIDING = `version: "1"
resources:
  "demo://resource/dynamic/text/*": { rules: [{ name: no dynamic text, action: deny, on_deny: Not these }] }
prompts:
  "args-*": { hide: true, rules: [] }
`;

it("resources and prompts are denied and left out of lists", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(HIDING), server: EVERYTHING });
  const prompts = JSON.parse(await agent.ask("prompts/list"));
  const names = prompts.result.prompts.map(({ name }: { name: string }) => name);
  expect(names).toContain("simple-prompt");
  expect(names).not.toContain("args-prompt");
  const hidden = JSON.parse(
    await agent.ask("prompts/get", '{"name":"args-prompt","arguments":{"city":"x"}}'),
  );
  expect(hidden.error).toMatchObject({
    code: 403,
    message: expect.stringContaining("[CALLGATE POLICY DENIED]"),
  });
  const read = JSON.parse(await agent.ask("resources/read", '{"uri":"demo://resource/dynamic/text/1"}'));
  expect(read.error).toMatchObject({ code: 403, message: "[CALLGATE POLICY DENIED] Not these" });
  const allowed = JSON.parse(await agent.ask("prompts/get", '{"name":"simple-prompt"}'));
  expect(allowed.result.messages).toHaveLength(1);
});
