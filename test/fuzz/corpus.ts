/** Valid messages to begin with, among them calls that the policy allows and calls that it denies. */
type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Message = Record<string, Value>;

// What `readers.ts` knows as well: a call that it finds and this denies has been smuggled.
export { CAP, POLICY } from "../e2e/attacks.ts";
export type { Value };

export const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "fuzz", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

const request = (id: Value, method: string, params?: Value): Message => ({
  jsonrpc: "2.0",
  id,
  method,
  ...(params === undefined ? {} : { params }),
});
const call = (id: Value, name: string, args: Value, more: Message = {}) =>
  request(id, "tools/call", { name, arguments: args, ...more });

export const CORPUS: readonly [Message, ...Message[]] = [
  request(1, "ping"),
  request("a", "tools/list", { cursor: "x" }),
  request(2, "resources/read", { uri: "file:///etc/passwd" }),
  request(3, "completion/complete", { ref: { type: "ref/prompt", name: "create_charge" } }),
  call("e", "echo", { text: "hé 😀\u2028", deep: [[{ n: 1e21 }]] }),
  call(4, "create_charge", { amount: 5, currency: "usd" }),
  call(5, "create_charge", { amount: 60_000, currency: "usd" }),
  call("6", "create_charge", { amount: 60_000 }, { _meta: { progressToken: "6" } }),
  call(7, "delete_everything", {}),
  call(8, "internal_api", { path: "/" }),
  call(9, "echo", { name: "create_charge", arguments: { amount: 60_000 } }),
  call(10, "create_charge", { amount: 60_000 }, { _meta: META }),
  call(11, "create_charge", { amount: 5 }, { _meta: META, inputResponses: {}, requestState: "s" }),
  { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 4, reason: "no" } },
  { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 1 } },
  { jsonrpc: "2.0", method: "notifications/roots/list_changed" },
  { jsonrpc: "2.0", id: 5, result: { content: [] } },
  { jsonrpc: "2.0", id: "a", error: { code: -1, message: "tools/call" } },
];

/** What stands in for a value: each means something somewhere in a call. */
export const POISON: readonly [Value, ...Value[]] = [
  ...([
    "tools/call",
    "Tools/Call",
    "tools/list",
    "create_charge",
    "Create_Charge",
    " create_charge",
    "create_charge\u200b",
    "delete_everything",
    "internal_x",
    "echo",
    "",
    "2.0",
    60_000,
    5,
    -1,
    1.5,
    null,
    true,
    [],
    {},
    { amount: 60_000 },
    { amount: 5 },
    { name: "create_charge", arguments: { amount: 60_000 } },
    request("p", "tools/call", { name: "delete_everything", arguments: {} }),
    [call("b", "create_charge", { amount: 60_000 })],
  ] as [Value, ...Value[]]),
];

/** Keys to slip in. */
export const KEYS: readonly [string, ...string[]] = [
  ...(["jsonrpc", "id", "method", "params", "name", "arguments", "amount", "_meta"] as const),
  ...(["__proto__", "constructor", "result", "error", "requestId", "progressToken"] as const),
];
