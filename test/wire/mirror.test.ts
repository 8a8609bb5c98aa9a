import { describe, expect, it } from "vitest";
import { decodeHeader, encodeHeader, standardHeaders } from "../../src/wire/http/headers.ts";
import { mirrorHeaders, mirrorMismatch, mirrorsOf } from "../../src/wire/http/mirror.ts";

const SCHEMA = {
  type: "object",
  properties: {
    region: { type: "string", "x-mcp-header": "Region" },
    query: { type: "string" },
    limits: { type: "object", properties: { rows: { type: "integer", "x-mcp-header": "Rows" } } },
    items: { type: "array", items: { type: "string", "x-mcp-header": "Nowhere" } },
  },
};
const mirrors = mirrorsOf(SCHEMA);

describe("arguments that headers mirror", () => {
  it("are found where properties lead to them, at any depth", () => {
    expect(mirrors).toEqual([
      { path: ["region"], header: "mcp-param-region" },
      { path: ["limits", "rows"], header: "mcp-param-rows" },
    ]);
  });

  it("make the headers of a call, with none for what is absent or null", () => {
    expect(mirrorHeaders(mirrors, { region: "Zürich", limits: { rows: 3 } })).toEqual({
      "mcp-param-region": "=?base64?WsO8cmljaA==?=",
      "mcp-param-rows": "3",
    });
    expect(mirrorHeaders(mirrors, { region: null, query: "select" })).toEqual({});
  });

  it.each([
    ["the same text", { "mcp-param-region": "us" }, { region: "us" }],
    ["encoded text", { "mcp-param-region": "=?base64?WsO8cmljaA==?=" }, { region: "Zürich" }],
    ["another spelling of an integer", { "mcp-param-rows": "42.0" }, { limits: { rows: 42 } }],
    ["neither", {}, { query: "select" }],
    ["a header of nobody's", { "mcp-param-other": "x" }, {}],
  ])("agree with their headers: %s", (_what, headers, args) => {
    expect(mirrorMismatch(headers, mirrors, args)).toBeNull();
  });

  it.each([
    ["another text", { "mcp-param-region": "eu" }, { region: "us" }],
    ["no header", {}, { region: "us" }],
    ["no argument", { "mcp-param-region": "us" }, {}],
    ["base64 without its padding", { "mcp-param-region": "=?base64?SGVsbG8?=" }, { region: "Hello" }],
    ["no base64 at all", { "mcp-param-region": "=?base64?SGVs!!!bG8=?=" }, { region: "Hello" }],
  ])("disagree: %s", (_what, headers, args) => {
    expect(mirrorMismatch(headers, mirrors, args)).toContain("mcp-param-region");
  });
});

it.each(["plain", " padded ", "line\nbreak", "=?base64?x?=", "日本", "a", ""])(
  "a header value carries any text: %j",
  (text) => {
    expect(decodeHeader(encodeHeader(text))).toBe(text);
  },
);

it("every modern request has its standard headers, one about a task the task's name", () => {
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
  const headers = (method: string, params: Record<string, string>) =>
    standardHeaders({ kind: "request", id: 1, method, params: { ...params, _meta } });
  const version = { "mcp-protocol-version": "2026-07-28" };
  expect(headers("tasks/get", { taskId: "t 1" })).toEqual({
    ...version,
    "mcp-method": "tasks/get",
    "mcp-name": "t 1",
  });
  expect(headers("server/discover", {})).toEqual({ ...version, "mcp-method": "server/discover" });
});
