/** Calls that the server makes a task of (MCP 2025-11-25 "Tasks"): judged like any other, and passed whole. */
import { join } from "node:path";
import { CallToolResultSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";
import { counters, WAYS } from "./agents.ts";
import { NODE, ROOT, type Sandbox, sandbox } from "./helpers.ts";

const TASKS = [NODE, join(ROOT, "test/fixtures/tasks-server.ts")];

const POLICY = `version: "1"
tools:
  charge:
    rules:
      - { name: small, conditions: [{ path: args.amount, op: lte, value: 100 }], on_deny: Too much }
      - name: spent
        conditions: [{ path: state.charge.spent, op: lte, value: 150 }]
        state: { counter: spent, window: day, increment_from: args.amount }
`;
const GUARDED = `${POLICY}results:\n  charge: { rules: [{ name: no secrets out, redact: [secrets] }] }\n`;

describe.each(WAYS)("over %s", (way) => {
  async function open(box: Sandbox, policy: string) {
    const options = { server: TASKS, policy: box.policy(policy) };
    const to = way === "stdio" ? box.gate("stdio", options) : (await box.serve(options)).url;
    const client = await box.v1(to, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: {} }));
    await client.listTools(); // says which tools are tasks
    return client;
  }
  type Client = Awaited<ReturnType<typeof open>>;

  /** What comes of a call, step by step. */
  async function steps(client: Client, name: string, args: Record<string, unknown> = {}) {
    const seen: string[] = [];
    const task = { ttl: 60_000 };
    const stream = client.experimental.tasks.callToolStream({ name, arguments: args }, CallToolResultSchema, {
      task,
    });
    for await (const message of stream) {
      if (message.type === "result") seen.push(`result ${JSON.stringify(message.result.content)}`);
      else if (message.type === "error") seen.push(`error ${message.error.message}`);
      else seen.push(message.type === "taskStatus" ? message.task.status : message.type);
    }
    return seen;
  }

  it("a task is judged once, counted once, and its messages pass whole", async () => {
    const box = sandbox();
    const client = await open(box, POLICY);
    const done = await steps(client, "charge", { amount: 100 });
    expect(done[0]).toBe("taskCreated");
    expect(done.at(-1)).toContain("sk_live_0123456789abcdef");
    expect(await steps(client, "ask")).toContain(
      'result [{"type":"text","text":"{\\"action\\":\\"accept\\",\\"content\\":{}}"}]',
    );
    expect((await client.experimental.tasks.listTasks()).tasks).toHaveLength(2);
    expect(counters(box)).toEqual({ "charge.spent": 100 });
    const calls = box.records().flatMap((each) => (each.kind === "call" ? [each] : []));
    expect(calls.map(({ tool, verdict }) => `${tool} ${verdict}`)).toEqual(["charge allow", "ask allow"]);
  });

  it("a denied call makes no task", async () => {
    const client = await open(sandbox(), POLICY);
    for (const [amount, why] of [
      [101, "Too much"],
      [100, null],
      [100, "spent"],
    ] as const) {
      const told = (await steps(client, "charge", { amount })).at(-1);
      if (why !== null) expect(told).toContain(why);
    }
    expect((await client.experimental.tasks.listTasks()).tasks).toHaveLength(1);
  });

  it("a task can be cancelled", async () => {
    const client = await open(sandbox(), POLICY);
    const stream = client.experimental.tasks.callToolStream({ name: "linger" }, CallToolResultSchema, {
      task: { ttl: 60_000 },
    });
    const { value } = await stream.next();
    const taskId = value?.type === "taskCreated" ? value.task.taskId : "";
    expect((await client.experimental.tasks.cancelTask(taskId)).status).toBe("cancelled");
    expect((await client.experimental.tasks.getTask(taskId)).status).toBe("cancelled");
  });

  it("no way around the rules about results", async () => {
    const box = sandbox();
    const client = await open(box, GUARDED);
    const told = (await steps(client, "charge", { amount: 1 })).join();
    expect(told).toContain("result ");
    expect(told).not.toContain("sk_live");
  });
});
