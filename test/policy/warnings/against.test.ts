import { describe, expect, test } from "vitest";
import { parsePath } from "../../../src/policy/conditions/paths.ts";
import { parse } from "../../../src/policy/source/parse.ts";
import { unfit } from "../../../src/policy/warnings/against.ts";
import { absentIn } from "../../../src/policy/warnings/input-schema.ts";
import type { Json } from "../../../src/wire/json.ts";

const SCHEMA = {
  type: "object",
  properties: {
    amount: { type: "number" },
    customer: { $ref: "#/$defs/customer" },
    items: { type: "array", items: { type: "object", properties: { price: { type: "number" } } } },
    pair: { type: "array", prefixItems: [{ type: "object", properties: { a: {} } }, { type: "string" }] },
    to: { anyOf: [{ type: "string" }, { type: "array", items: { $ref: "#/$defs/customer" } }] },
    labels: { type: "object", additionalProperties: { type: "string" } },
    extra: { type: "object" },
    any: true,
    self: { $ref: "#" },
    circle: { $ref: "#/$defs/circle" },
    both: { allOf: [{ $ref: "#/$defs/customer" }, { type: "object", properties: { b: {} } }] },
    far: { $ref: "https://example.com/schema" },
    open: { type: "object", properties: { a: {} }, additionalProperties: true },
  },
  $defs: {
    customer: { type: "object", properties: { id: { type: "string" }, "a~/b": {} } },
    circle: { anyOf: [{ $ref: "#/$defs/circle" }] },
  },
} as const;

describe("a path into arguments", () => {
  test.each([
    "args.amount",
    "args.customer.id",
    "args.items[*].price",
    "args.items[any].price",
    "args.items[3].price",
    "args.pair[0].a",
    "args.pair[5].anything",
    "args.to[0].id",
    "args.labels.whatever",
    "args.extra.whatever.else",
    "args.any[0].thing",
    "args.self.self.amount",
    "args.circle.x",
    "args.both.id",
    "args.both.b",
    "args.far.x",
    "args.open.zzz",
  ])("%s can be", (path) => {
    expect(absent(path, SCHEMA)).toBeNull();
  });

  test.each([
    ["args.amout", ".amout", "amount"],
    ["args.amount.value", ".amount.value", null],
    ["args.amount[0]", ".amount[0]", null],
    ["args.customer.ID.x", ".customer.ID", "id"],
    ["args.items.price", ".items.price", null],
    ["args.items[*].prise", ".items[*].prise", "price"],
    ["args.pair[1].x", ".pair[1].x", null],
    ["args.to[0].name", ".to[0].name", "id"],
    ["args.labels.a.b", ".labels.a.b", null],
    ["args.both.c", ".both.c", "id"],
    ["args.constructor", ".constructor", "amount"],
  ])("%s cannot be, from %s on", (path, at, known) => {
    const found = absent(path, SCHEMA);
    expect(found?.at).toBe(at);
    if (known !== null) expect(found?.names).toContain(known);
  });

  test.each([null, true, {}, "strange", { type: "object" }])("the schema %j says nothing", (schema) => {
    expect(absent("args.a.b[0]", schema)).toBeNull();
  });
});

function absent(path: string, schema: unknown) {
  const parsed = parsePath(path);
  if (parsed.root === "state") throw new Error("not of arguments");
  return absentIn(schema as Json, parsed.steps);
}

const TOOLS = [
  { name: "create_charge", inputSchema: SCHEMA as unknown as Json },
  { name: "list_charges", inputSchema: { type: "object", properties: { limit: { type: "number" } } } },
];

/** What does not fit, as `line message | help`, of a policy of which this is the rest. */
function found(text: string): string[] {
  const parsed = parse(`version: "1"\n${text}`, "p.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return unfit(parsed.source, TOOLS).map(({ line, message, help }) => `${line} ${message} | ${help}`);
}
const HAS = "it has create_charge, list_charges";

describe("tools", () => {
  test("that the server has", () => {
    const text = `hide: ["delete_*", list_charges]
classes: { create_charge: financial, "x_*": read }
tools:
  "delete_*": { rules: [{ name: no, action: deny }] }
  "*_charges": { rules: [{ name: pace, rate_limit: 5/minute }] }
  "class:read": { rules: [{ name: pace, rate_limit: 5/minute }] }
  "*": { rules: [] }
`;
    expect(found(text)).toEqual([]);
  });

  test("that it does not have", () => {
    const text = `hide: [delete_charge]
classes: { create_chrage: financial }
budgets: { b: { limit: 1, window: day, tools: { create_charges: 1 } } }
tools:
  create_charg: { rules: [{ name: no, action: deny }] }
  "update_*": { rules: [{ name: pace, rate_limit: 5/minute }] }
results:
  refund: { rules: [{ name: no mail, redact: [emails] }] }
`;
    const charge = `${HAS}. Did you mean "create_charge"?`;
    expect(found(text)).toEqual([
      `2 the server has no tool "delete_charge" | ${charge}`,
      `3 the server has no tool "create_chrage" | ${charge}`,
      `4 the server has no tool "create_charges" | ${charge}`,
      `6 the server has no tool "create_charg" | ${charge}`,
      `7 the server has no tool that "update_*" is for | ${HAS}`,
      `9 the server has no tool "refund" | ${HAS}`,
    ]);
  });
});

describe("arguments", () => {
  test("that a tool has, or is said not to have", () => {
    const text = `tools:
  create_charge:
    rules:
      - { name: a, conditions: [{ path: args.amount, op: lte, value: 5 }, { path: args.debug, op: exists, value: false }] }
      - { name: b, conditions: [{ not: { path: args.debug, op: exists, value: true } }] }
  "*": { rules: [{ name: limit, when: [{ path: args.limit, op: exists, value: true }], rate_limit: 5/minute }] }
`;
    expect(found(text)).toEqual([]);
  });

  test("that none has, wherever a rule names them", () => {
    const text = `budgets: { b: { limit: 1, window: day, per: [args.customer.idd], tools: { create_charge: args.amout } } }
tools:
  create_charge:
    rules:
      - name: a
        when: [{ any: [{ path: args.amount, op: lte, value: 5 }, { not: { path: args.currensy, op: eq, value: usd } }] }]
        conditions: [{ path: state.create_charge.c, op: lte, value: 5 }]
        state: { counter: c, window: day, increment_from: "args.items[*].prise", per: [agent, args.customr.id] }
  "list_*":
    rules:
      - { name: b, rate_limit: 5/minute, per: [args.cursor] }
results:
  "*": { rules: [{ name: c, conditions: [{ path: args.limt, op: exists, value: true }] }] }
`;
    expect(found(text)).toEqual([
      '2 the tool "create_charge" does not have args.customer.idd | there is id, a~/b. Did you mean "id"?',
      expect.stringMatching(
        /^2 the tool "create_charge" does not have args.amout .* Did you mean "amount"\?$/,
      ),
      expect.stringMatching(/^7 .* does not have args.currensy /),
      '9 the tool "create_charge" does not have args.items[*].prise | there is price. Did you mean "price"?',
      expect.stringMatching(/^9 .* does not have args.customr .* Did you mean "customer"\?$/),
      '12 no tool that "list_*" is for has args.cursor | there is limit',
      expect.stringMatching(/^14 no tool that "\*" is for has args.limt .* Did you mean "limit"\?$/),
    ]);
  });
});
