/** A server on stdio that all agents of the modern era share, which nobody may be talking to just now. */
import { expect, it } from "vitest";
import { post } from "./agents.ts";
import { type Message, NODE, sandbox } from "./helpers.ts";

/** Answers every call, and says more when nobody listens any more. */
const SERVER = `
  const say = (line) => process.stdout.write(line + "\\n");
  const lines = require("node:readline").createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const { id, params } = JSON.parse(line);
    const deep = "[".repeat(5e4) + "]".repeat(5e4);
    if (params.name === "deep") say('{"jsonrpc":"2.0","id":' + id + ',"result":{"structuredContent":' + deep + '}}');
    else say(JSON.stringify({ jsonrpc: "2.0", id, result: { resultType: "complete", content: [] } }));
    if (params.name === "noisy") setTimeout(() => {
      say("late words");
      say('{"jsonrpc":"2.0","id":4711,"result":{}}');
      console.error("a late note");
    }, 50);
  });
  lines.on("close", () => process.exit());
`;

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

async function open() {
  const box = sandbox();
  const { url, gateway } = await box.serve({
    server: [NODE, "-e", SERVER],
    args: ["--log-level", "info"],
  });
  const call = async (name: string) => {
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": name };
    const params = { name, arguments: {}, _meta: META };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
    const answer: Message = JSON.parse(await (await post(url, body, headers)).text());
    return answer;
  };
  return { box, gateway, call };
}

it("what it says while no request is open is dropped, counted, recorded and shown", async () => {
  const { box, gateway, call } = await open();
  expect((await call("noisy")).result?.resultType).toBe("complete");
  await gateway.logged(/dropped a frame of the server: not a JSON-RPC message: "late words"/);
  await gateway.logged(/dropped a frame of the server: an answer to 4711, which the agent has not asked/);
  await gateway.logged(/a late note/);
  const refused = () => box.records().flatMap((each) => (each.kind === "refused" ? [each.side] : []));
  await expect.poll(refused).toEqual(["upstream", "upstream"]);
  expect((await call("quiet")).result?.resultType).toBe("complete");
});

it("an answer nested without end is an error of that call, and ends the gateway for nobody", async () => {
  const { call } = await open();
  expect((await call("deep")).error?.message).toContain("nested too deep to be written again");
  expect((await call("quiet")).result?.resultType).toBe("complete");
});
