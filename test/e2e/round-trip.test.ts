/** Any valid message arrives as it was sent: to the byte, or where ids are mapped without any loss. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oneLine } from "../../src/wire/framing.ts";
import { post } from "./agents.ts";
import { ALLOW_ALL, Sandbox } from "./helpers.ts";
import { digits, jsonText, messageText, objectText } from "./json-text.ts";
import { type Line, line, PAIRS } from "./pairs.ts";

const RUNS = { numRuns: 100 };
let lastId = 0;

const notification = messageText({ method: fc.constant('"notifications/odd"'), params: objectText });
const request = messageText({ method: fc.constant('"odd/method"'), params: objectText, odd: jsonText });
const call = messageText({
  method: fc.constant('"tools/call"'),
  params: fc
    .tuple(objectText, jsonText)
    .map(([args, odd]) => `{"name":"echo","arguments":${args},"odd":${odd}}`),
});
const withId = (frame: string, id: string) => `{"id":"${id}",${frame.slice(frame.indexOf("{") + 1)}`;

describe.each(PAIRS)("$agent to $upstream", (pair) => {
  const box = new Sandbox();
  let to: Line;
  beforeAll(async () => {
    to = await line(pair, box, ["-c", box.policy(ALLOW_ALL)]);
  });
  afterAll(() => box.dispose());

  it("what an agent sends", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, call), async (frame) => {
        const id = `r-${++lastId}`;
        const sent = withId(frame, id);
        await to.exchange(sent, id);
        expect(box.received().at(-1)).toBe(oneLine(sent));
        expect(digits(oneLine(sent))).toEqual(digits(sent));
      }),
      RUNS,
    );
  });

  it("what a server sends", async () => {
    await fc.assert(
      fc.asyncProperty(notification, objectText, async (told, result) => {
        const id = `s-${++lastId}`;
        const answer = `{"jsonrpc":"2.0","id":"${id}","result":${result}}`;
        // An event has its own ways with a carriage return.
        const lines = [told, answer].map((text) => (pair.upstream === "HTTP" ? oneLine(text) : text));
        const params = { name: "spout", arguments: { lines: lines.map((text) => base64(text)) } };
        const heard = (await to.hear(id, "tools/call", JSON.stringify(params))).filter(Boolean);
        expect(heard).toEqual([oneLine(told), oneLine(answer)]);
      }),
      RUNS,
    );
  });

  it("characters split over chunks", async () => {
    const frame = `{"jsonrpc":"2.0","id":"c-${++lastId}","method":"odd/method","params":{"text":"ä€😀"}}`;
    await to.inPieces([...Buffer.from(frame)].map((byte) => Buffer.of(byte)));
    await expect.poll(() => box.received().at(-1)).toBe(frame);
  });
});

const base64 = (text: string) => Buffer.from(text).toString("base64");

it("HTTP to stdio in the modern era, where many agents share a server", async () => {
  const box = new Sandbox();
  const { url } = await line({ agent: "HTTP", upstream: "stdio" }, box, ["-c", box.policy(ALLOW_ALL)]);
  const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "echo" };
  const meta = JSON.stringify({
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1.0.0" },
    "io.modelcontextprotocol/clientCapabilities": {},
  });
  await fc.assert(
    fc.asyncProperty(objectText, jsonText, async (args, odd) => {
      const params = `{"name":"echo","arguments":${args},"odd":${odd},"_meta":${meta}}`;
      const frame = `{"jsonrpc":"2.0","id":"m-${++lastId}","method":"tools/call","params":${params}}`;
      const response = await post(url ?? new URL(""), frame, headers);
      const [got, sent] = [box.received().at(-1) ?? "", frame].map(digits) as [object, object];
      expect({ ...got, id: null }).toEqual({ ...sent, id: null });
      expect(await response.json()).toMatchObject({ id: `m-${lastId}`, result: {} });
    }),
    RUNS,
  );
  await box.dispose();
});
