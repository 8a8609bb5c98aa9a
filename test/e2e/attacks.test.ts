/** "What is judged is what is sent", over every pair of transports: nothing of an attack reaches the server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditRecord } from "../../src/audit/record.ts";
import { denied } from "./agents.ts";
import { ATTACKS, MAX_MESSAGE, POLICY } from "./attacks.ts";
import { type Message, Sandbox } from "./helpers.ts";
import { type Line, line, PAIRS } from "./pairs.ts";

describe.each(PAIRS)("$agent to $upstream", (pair) => {
  const box = new Sandbox();
  let to: Line;
  let pings = 0;
  beforeAll(async () => {
    const policy = box.policy(POLICY);
    to = await line(pair, box, ["-c", policy, "--max-message", String(MAX_MESSAGE)]);
  });
  afterAll(() => box.dispose());

  it.each(ATTACKS)("$what", async ({ frame, is, open }) => {
    const opened = open === undefined ? null : to.exchange(open.frame, open.id);
    if (open !== undefined) await expect.poll(() => box.received().at(-1), { interval: 5 }).toBe(open.frame);
    const before = box.received().length;

    const answer = await to.exchange(frame);
    expect(is === "denied" ? denied(answer) : answer.error?.code, JSON.stringify(answer)).toEqual(
      is === "denied" ? expect.any(String) : is,
    );
    expect(answer.id ?? null, "the error is for no other request").toBeOneOf([null, idOf(frame)]);
    if (answer.error !== undefined) expect(answer.error.message).toMatch(/^callgate: .{10,}\.$/s);

    const ping = `ping-${++pings}`;
    expect(JSON.parse(await to.ask(ping, "ping", "{}"))).toMatchObject({ id: ping, result: {} });
    expect(box.received().slice(before).map(methodOf)).toEqual(["ping"]);
    if (opened !== null) expect(await opened, "the first has its answer").toMatchObject({ result: {} });
  });

  it("an id that was cancelled, and whose answer may still come", async () => {
    const id = "cancelled";
    const frame = `{"jsonrpc":"2.0","id":"${id}","method":"tools/call","params":{"name":"slow","arguments":{"ms":300}}}`;
    const first = to.exchange(frame, id).catch(() => "no answer"); // over HTTP
    await expect.poll(() => box.received().at(-1)).toBe(frame);
    to.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"${id}"}}`);
    await expect.poll(() => box.received().at(-1)).toContain("notifications/cancelled");
    expect((await to.exchange(frame)).error?.code).toBe(-32600);
    await first;
    expect(box.received().filter((text) => text === frame)).toHaveLength(1);
  });

  it("each of them is in the audit log", async () => {
    await expect.poll(() => box.records().filter(isRefusal)).toHaveLength(ATTACKS.length + 1);
  });
});

const isRefusal = (record: AuditRecord) =>
  record.kind === "refused" || (record.kind === "call" && record.verdict === "deny");

const methodOf = (text: string) => (JSON.parse(text) as Message).method;

/** The id of the frame, where a lenient reader finds one. */
function idOf(frame: string | Buffer): unknown {
  try {
    return (JSON.parse(frame.toString()) as Message).id;
  } catch {
    return null;
  }
}
