/** Requests whose headers, body and era disagree: each reader would see another call, so no server sees one. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denied, post } from "./agents.ts";
import { POLICY } from "./attacks.ts";
import { type Message, Sandbox } from "./helpers.ts";
import { type Line, line, PAIRS } from "./pairs.ts";

const MODERN = "2026-07-28";
const META = JSON.stringify({
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
});
const HEADERS = { "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": "echo" };

const request = (method: string, params: string) =>
  `{"jsonrpc":"2.0","id":"m","method":"${method}","params":${params}}`;
const call = (name: string, args = '{"amount":60000}', meta = META) =>
  request("tools/call", `{"name":"${name}","arguments":${args}${meta && `,"_meta":${meta}`}}`);
const task = (id: string) => request("tasks/get", `{"taskId":"${id}","_meta":${META}}`);
const base64 = (text: string) => `=?base64?${Buffer.from(text).toString("base64")}?=`;

interface Disagreement {
  readonly what: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly code: number;
}

const mismatch = (what: string, change: Record<string, string | undefined>, body = call("echo")) => {
  const headers = Object.entries({ ...HEADERS, ...change }).flatMap(([k, v]) => (v ? [[k, v]] : []));
  return { what, headers: Object.fromEntries(headers), body, code: -32020 };
};

const DISAGREEMENTS: readonly Disagreement[] = [
  mismatch("no method header", { "mcp-method": undefined }),
  mismatch("another method", { "mcp-method": "tools/list" }),
  mismatch("the method in capitals", { "mcp-method": "Tools/Call" }),
  mismatch("no name header", { "mcp-name": undefined }),
  mismatch("another name", {}, call("create_charge")),
  mismatch("another name in base64", { "mcp-name": base64("echo2") }),
  mismatch("the name in capitals", { "mcp-name": "Echo" }),
  mismatch("a name list", { "mcp-name": "echo, create_charge" }),
  mismatch("another task", { "mcp-method": "tasks/get", "mcp-name": "theirs" }, task("mine")),
  mismatch("no task in a header", { "mcp-method": "tasks/get", "mcp-name": undefined }, task("mine")),
  mismatch("no version header", { "mcp-protocol-version": undefined }),
  mismatch("a version header of the legacy era", { "mcp-protocol-version": "2025-11-25" }),
  mismatch("a version header of the future", { "mcp-protocol-version": "2027-01-01" }),
  {
    ...mismatch("a modern header and a legacy body", {}, call("create_charge", undefined, "")),
    code: -32602,
  },
  {
    ...mismatch(
      "a modern header and a version that is no text",
      {},
      call("echo", "{}", META.replace(`"${MODERN}"`, "20260728")),
    ),
    code: -32602,
  },
  {
    ...mismatch(
      "a version twice, in capitals",
      {},
      call("echo", "{}", META.replace("{", '{"IO.modelcontextprotocol/protocolVersion":"2025-11-25",')),
    ),
    code: -32600,
  },
  ...["2026-07-28 ", "2027-1-1", "draft"].map((version) => ({
    ...mismatch(
      `${version} for a version`,
      { "mcp-protocol-version": version },
      call("echo", "{}", META.replace(MODERN, version)),
    ),
    code: version === "2026-07-28 " ? -32020 : -32022,
  })),
  {
    ...mismatch(
      "initialize in the modern era",
      { "mcp-method": "initialize", "mcp-name": undefined },
      request("initialize", `{"_meta":${META}}`),
    ),
    code: -32601,
  },
  {
    ...mismatch("a call without an id", {}, call("echo").replace('"id":"m",', "")),
    code: -32600,
  },
  { ...mismatch("an answer in the modern era", {}, '{"jsonrpc":"2.0","id":"m","result":{}}'), code: -32600 },
];

describe.each(PAIRS.filter(({ agent }) => agent === "HTTP"))("$agent to $upstream", (pair) => {
  const box = new Sandbox();
  let to: Line;
  const send = async (body: string, headers: Record<string, string>) => {
    const response = await post(to.url ?? new URL(""), body, headers);
    return { status: response.status, answer: (await response.json()) as Message };
  };
  beforeAll(async () => {
    to = await line(pair, box, ["-c", box.policy(POLICY)]);
  });
  afterAll(() => box.dispose());

  it.each(DISAGREEMENTS)("$what", async ({ headers, body, code }) => {
    const before = box.received().length;
    const { status, answer } = await send(body, headers);
    expect(status).toBeOneOf([400, 404]);
    expect(answer.error?.code, answer.error?.message).toBe(code);
    expect((await send(call("echo", '{"n":1}'), HEADERS)).answer.result).toBeDefined();
    expect(box.received().slice(before)).toHaveLength(1);
  });

  it("each of them is in the audit log", async () => {
    const refused = () => box.records().filter(({ kind }) => kind === "refused");
    await expect.poll(refused).toHaveLength(DISAGREEMENTS.length);
  });

  it("a later revision is for the two ends to agree on; its calls are held to what is known", async () => {
    const later = "2027-01-01";
    const inLater = (name: string) => call(name, '{"n":1}', META.replace(MODERN, later));
    const headers = { ...HEADERS, "mcp-protocol-version": later };
    expect((await send(inLater("echo"), headers)).answer.result).toBeDefined();
    expect(box.received().at(-1)).toContain(later);
    expect((await send(inLater("create_charge"), headers)).answer.error?.code).toBe(-32020);
    const named = { ...headers, "mcp-name": "create_charge" };
    expect(denied((await send(inLater("create_charge"), named)).answer)).toBeDefined();
  });

  it("a call is judged in either era", async () => {
    const { answer } = await send(call("create_charge"), { ...HEADERS, "mcp-name": "create_charge" });
    expect(denied(answer)).toBeDefined();
    expect(box.received().some((text) => text.includes("create_charge"))).toBe(false);
  });
});

it("over stdio a modern call in a legacy session is judged like any other", async () => {
  const box = new Sandbox();
  const { exchange } = await line({ agent: "stdio", upstream: "stdio" }, box, ["-c", box.policy(POLICY)]);
  expect(denied(await exchange(call("create_charge")))).toBeDefined();
  expect((await exchange(call("echo"))).result).toBeDefined();
  expect(box.received().map((text) => JSON.parse(text).params?.name)).toEqual([undefined, undefined, "echo"]);
  await box.dispose();
});
