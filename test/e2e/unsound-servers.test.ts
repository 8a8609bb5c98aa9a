/** What a server may say that is no message for its agent: dropped, counted, shown, and the session goes on. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectGateway } from "../../src/control/client.ts";
import { snapshot } from "../../src/control/protocol.ts";
import { ALLOW_ALL, Sandbox } from "./helpers.ts";
import { type Line, line, PAIRS } from "./pairs.ts";

const MAX_MESSAGE = 100_000;
/** The id of the call during which they are said. */
const CALL = "spout";

const NOTIFICATION =
  '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}';
const answer = (id: string) => `{"jsonrpc":"2.0","id":${id},"result":{"planted":true}}`;

/** Each is one line of a server on stdio, or one event of a server on HTTP. */
const LINES: Readonly<Record<string, string | Buffer>> = {
  "a line of a log": "server starting on port 3000",
  "half a message": '{"jsonrpc":"2.0","id":1',
  "a batch": `[${NOTIFICATION}]`,
  "a number": "5",
  null: "null",
  "neither a request nor an answer": '{"jsonrpc":"2.0","params":{}}',
  "an answer to what nobody asked": answer('"nobody"'),
  "an answer to an id of another type": answer('["spout"]'),
  "an answer to null": answer("null"),
  "bytes that are no UTF-8": Buffer.from(`{"jsonrpc":"2.0","method":"notifications/x","x":"\xff"}`, "latin1"),
  "what would clear a terminal": Buffer.from("\x1b[2J\x9b2J\u0085", "latin1"),
  "half a character": Buffer.from(`{"jsonrpc":"2.0","method":"notifications/x","x":"\xe2\x82"}`, "latin1"),
};

const base64 = (bytes: string | Buffer) => Buffer.from(bytes as string).toString("base64");

/** How many frames of the server the gateway says it dropped. */
async function dropped(box: Sandbox): Promise<number> {
  const dir = join(box.home, "run");
  const quiet = { snapshot() {}, events() {}, closed() {} };
  const connection = await connectGateway(join(dir, readdirSync(dir)[0] ?? ""), quiet);
  const { upstreams } = snapshot.parse(await connection.command("snapshot"));
  connection.close();
  return upstreams[0]?.dropped ?? Number.NaN;
}

describe.each(PAIRS)("$agent to $upstream", (pair) => {
  const box = new Sandbox();
  let to: Line;
  let calls = 0;
  beforeAll(async () => {
    const policy = box.policy(ALLOW_ALL);
    to = await line(pair, box, ["-c", policy, "--max-message", String(MAX_MESSAGE)]);
  });
  afterAll(() => box.dispose());

  const call = async (name: string, args: unknown, id = `call-${++calls}`) =>
    JSON.parse(await to.ask(id, "tools/call", JSON.stringify({ name, arguments: args })));
  const alive = async () => expect((await call("echo", { n: 1 })).result).toBeDefined();
  /** The gateway drops one more frame during `work`, says so and records it. */
  async function dropsOne(work: () => Promise<unknown>): Promise<void> {
    await expect.poll(() => readdirSync(join(box.home, "run"))).toHaveLength(1);
    const recorded = () => box.records().filter((r) => r.kind === "refused" && r.side === "upstream").length;
    const [before, told] = [await dropped(box), recorded()];
    await work();
    await expect.poll(() => dropped(box)).toBe(before + 1);
    await expect.poll(recorded).toBe(told + 1);
    await alive();
  }

  it.each(Object.entries(LINES))("%s", (_what, text) =>
    dropsOne(async () => {
      const { result } = await call("spout", { lines: [base64(text)] });
      expect(result).toBeDefined();
      expect(JSON.stringify(result)).not.toContain("planted");
    }),
  );

  it("two answers: the first counts", () =>
    dropsOne(async () => {
      const { result } = await call("spout", { lines: [base64(answer(`"${CALL}"`))] }, CALL);
      expect(result).toEqual({ planted: true });
    }));

  it("an answer that comes again later", () =>
    dropsOne(() => call("spout", { lines: [base64(answer('"call-1"'))] })));

  it("a flood of it: counted whole, and told of in few words", async () => {
    const recorded = () => box.records().flatMap((r) => (r.kind === "refused" ? [r.reason] : []));
    const [before, told] = [await dropped(box), recorded().length];
    await call("spout", { lines: Array.from({ length: 2_000 }, () => base64("debug")) });
    await expect.poll(() => dropped(box)).toBe(before + 2_000);
    await expect
      .poll(recorded, { timeout: 5_000 })
      .toContainEqual(expect.stringMatching(/^19\d\d more within/));
    expect(recorded().length - told).toBeLessThan(100);
  });

  it("none of it reaches the terminal as it came", () => {
    expect(to.gateway.stderr).toContain("[2J");
    expect(to.gateway.stderr).not.toMatch(/[\x1b\u0080-\u009f]/);
  });

  if (pair.upstream === "stdio") {
    it("a line over the limit", () => dropsOne(() => call("spout", { long: MAX_MESSAGE + 1 })));
    return;
  }

  it.each<[string, Record<string, unknown>]>([
    ["an answer that is no JSON", { bytes: base64("<html>") }],
    ["an answer that is a batch", { bytes: base64(`[${answer('"x"')}]`) }],
    ["an answer to another request", { bytes: base64(answer('"nobody"')) }],
    [
      "an answer that is no UTF-8",
      { bytes: base64(Buffer.from('{"jsonrpc":"2.0","id":"x","result":{"x":"\xff"}}', "latin1")) },
    ],
    ["an answer over the limit", { long: MAX_MESSAGE + 1 }],
  ])("%s: the request is answered with an error", (_what, args) =>
    dropsOne(async () => {
      const { error } = await call("body", args);
      expect(error).toMatchObject({
        code: -32603,
        message: expect.stringMatching(/^callgate: .*the server/),
      });
    }),
  );

  it("an empty answer is an error", async () => {
    const { error } = await call("body", { bytes: "" });
    expect(error).toMatchObject({
      code: -32603,
      message: expect.stringContaining("no answer to the request"),
    });
    await alive();
  });
});
