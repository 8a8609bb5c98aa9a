import { describe, expect, test } from "vitest";
import { judgesResults } from "../../src/judging/judge-result.ts";
import { cleanError, decideResult } from "../../src/policy/results/decide-result.ts";
import type { JsonObject } from "../../src/wire/json.ts";
import { call, listed, policyOf } from "./helpers.ts";

const results = (...flow: string[]) =>
  `version: "1"\nresults:\n  t:\n    rules:\n${flow.map((rule) => `      - ${rule}\n`).join("")}`;

function decided(
  text: string,
  result: JsonObject,
  more: { bytes?: number; outputSchema?: JsonObject; args?: JsonObject } = {},
) {
  const { bytes = 100, outputSchema = null, args = {} } = more;
  return decideResult(call("t", args), { result, bytes, outputSchema }, policyOf(text));
}
const says = (text: string): JsonObject => ({ content: [{ type: "text", text }] });

test("without rules for the tool nothing is judged", () => {
  const policy = policyOf(results("{ name: r, redact: [secrets] }"));
  expect([
    judgesResults(call("t"), { policy, seats: [] }),
    judgesResults(call("u"), { policy, seats: [] }),
  ]).toEqual([true, false]);
  const result = says("x");
  expect(decideResult(call("u"), { result, bytes: 1, outputSchema: null }, policy)).toEqual({
    verdict: "allow",
    rule: null,
    message: "",
    trace: [],
    result,
    redactions: [],
    would: null,
  });
});

test("every rule's redactions apply; the first names the decision", () => {
  const text = results(
    "{ name: mail, redact: [emails] }",
    '{ name: more, redact: [cards, { regex: "x+", name: x }] }',
  );
  expect(decided(text, says("a@b.example 4242424242424242 xx"))).toMatchObject({
    verdict: "redact",
    rule: { name: "mail", tool: "t", line: 5 },
    result: says("[redacted email] [redacted card] [redacted x]"),
    trace: [{ outcome: "pass", note: "took out email at content.0.text" }, { outcome: "pass" }],
  });
});

test("sizes, and what may be in a result", () => {
  expect(decided(results("{ name: r, max_bytes: 1KB }"), says("x"), { bytes: 1_000 }).verdict).toBe("allow");
  expect(decided(results("{ name: r, max_bytes: 1KB }"), says("x"), { bytes: 1_001 })).toMatchObject({
    verdict: "deny",
    message: 'Rule "r": the result has 1001 bytes, and must have at most 1000',
  });
  const rude = results(
    '{ name: r, action: deny, conditions: [{ path: result.text, op: regex, value: "(?i)internal only" }], on_deny: not for you }',
  );
  expect(decided(rude, says("INTERNAL ONLY"))).toMatchObject({ verdict: "deny", message: "not for you" });
  expect(decided(rude, { content: [], structuredContent: { a: [{ b: "internal only" }] } }).verdict).toBe(
    "deny",
  );
  expect(decided(rude, says("fine")).verdict).toBe("allow");
  const few = results(
    '{ name: r, conditions: [{ path: "result.structuredContent.rows", op: length_lte, value: 2 }] }',
  );
  expect(decided(few, { structuredContent: { rows: [1, 2, 3] } }).verdict).toBe("deny");
  expect(decided(few, {}).message).toContain("result.structuredContent.rows is missing");
});

test("when, by the call and by the result", () => {
  const text = results(
    "{ name: r, when: [{ path: args.all, op: eq, value: true }, { path: result.isError, op: exists, value: false }], action: deny }",
  );
  expect(decided(text, says("x")).trace[0]?.outcome).toBe("skip");
  expect(decided(text, says("x"), { args: { all: true } }).verdict).toBe("deny");
  expect(decided(text, { ...says("x"), isError: true }, { args: { all: true } }).verdict).toBe("allow");
  expect(decided(text, { ISERROR: true }, { args: { all: true } })).toMatchObject({
    verdict: "deny",
    trace: [{ outcome: "error" }],
  });
});

test("deny beats redact, and hands nothing on", () => {
  const text = results("{ name: mail, redact: [emails] }", "{ name: no, action: deny }");
  const result = says("a@b.example");
  expect(decided(text, result)).toMatchObject({ verdict: "deny", rule: { name: "no" }, redactions: [] });
});

test("watching files only say what they would do", () => {
  const text = `${results("{ name: mail, redact: [emails] }")}mode: shadow\n`;
  const result = says("a@b.example");
  const decision = decided(text, result);
  expect(decision).toMatchObject({ verdict: "allow", would: { verdict: "redact", rule: { name: "mail" } } });
  expect(decision.result).toBe(result);
});

describe("a declared output schema", () => {
  const text = results("{ name: r, redact: [secrets, emails, cards] }");
  const schema = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
    type: "object",
    properties,
    ...more,
  });
  const outcome = (structuredContent: JsonObject, outputSchema: JsonObject) => {
    const { verdict, message } = decided(text, { content: [], structuredContent }, { outputSchema });
    return verdict === "deny" ? message.replace(/^.*output schema has /, "") : verdict;
  };
  const mail = { to: "a@b.example" };

  test.each([
    [{ to: { type: "string" } }, {}, "redact"],
    [{ to: { type: "string", format: "email" } }, {}, "format there"],
    [{ to: { type: "string", pattern: "@" } }, {}, "pattern there"],
    [{ to: { enum: ["a@b.example"] } }, {}, "enum there"],
    [{ to: { const: "a@b.example" } }, {}, "const there"],
    [{ to: { type: "string", maxLength: 12 } }, {}, "maxLength there"],
    [{ to: { type: "string", maxLength: 64 } }, {}, "redact"],
    [{}, {}, "redact"],
    [{}, { additionalProperties: { format: "email" } }, "format there"],
    [{}, { patternProperties: { "^t": { format: "email" } } }, "format there"],
    [{ to: { $ref: "#/$defs/mail" } }, { $defs: { mail: { format: "email" } } }, "format there"],
    [{ to: { $ref: "#/$defs/text" } }, { $defs: { text: { type: "string" } } }, "redact"],
    [{ to: { $ref: "https://elsewhere/" } }, {}, "$ref there"],
    [{ to: { $ref: "#/properties/to" } }, {}, "$ref there"],
    [{ to: { anyOf: [{ format: "email" }, { type: "null" }] } }, {}, "redact"],
    [{ to: { anyOf: [{ format: "email" }, { const: "x" }] } }, {}, "format there"],
    [{ to: { allOf: [{ type: "string" }, { format: "email" }] } }, {}, "format there"],
  ] as [JsonObject, JsonObject, string][])("%j %j: %s", (properties, more, expected) => {
    expect(outcome(mail, schema(properties, more))).toBe(expected);
  });

  test("lists, and numbers that are cards", () => {
    expect(outcome({ list: ["a@b.example"] }, schema({ list: { items: { format: "email" } } }))).toBe(
      "format there",
    );
    expect(outcome({ card: 4242424242424242 }, schema({ card: { type: "integer" } }))).toBe("type there");
    expect(outcome({ card: 4242424242424242 }, schema({ card: {} }))).toBe("redact");
  });

  test("speaks of structured content only", () => {
    const result = { content: [{ type: "text", text: "a@b.example" }] };
    expect(decided(text, result, { outputSchema: schema({ content: { const: 1 } }) }).verdict).toBe("redact");
  });
});

test.each([
  ["{ name: r }", '5:9 rule "r" does nothing'],
  ["{ name: r, redact: [secret] }", '5:29 unknown item 1 of redact "secret"'],
  ["{ name: r, redact: [] }", "5:28 redact is an empty list"],
  ['{ name: r, redact: [{ regex: "(", name: x }] }', "5:38 regex does not compile"],
  ["{ name: r, max_bytes: lots }", '5:31 "lots" is not a size'],
  ["{ name: r, max_bytes: 0 }", "5:31 0 is not a size"],
  ["{ name: r, action: deny, redact: [emails] }", "5:42 a rule with action: deny takes no redact"],
  [
    "{ name: r, conditions: [{ path: state.t.c, op: lte, value: 5 }] }",
    "5:41 a rule about results reads no counters",
  ],
  ["{ name: r, action: deny, rate_limit: 5/day }", '5:34 unknown key "rate_limit"'],
])("%s", (rule, message) => {
  expect(listed(results(rule))[0]).toContain(message);
});

test.each([
  [
    "{ path: result.structuredContent.user, op: eq, value: ada }",
    'result.structuredContent.user must be "ada"',
  ],
  [
    "{ path: result.structuredContent.user, op: lte, value: 5 }",
    "result.structuredContent.user: lte compares numbers",
  ],
  [
    '{ path: "result.content[*].text", op: starts_with, value: A }',
    'result.content[*].text must start with "A"',
  ],
  [
    "{ path: result.structuredContent.other, op: eq, value: ada }",
    'result.structuredContent.other is missing, and must be "ada"',
  ],
])("what an agent is told in place of a result quotes nothing of it: %s", (condition, told) => {
  const policy = policyOf(results(`{ name: r, conditions: [${condition}] }`));
  const result = {
    content: [{ type: "text", text: "TOP SECRET" }],
    structuredContent: { user: "TOP SECRET" },
  };
  const { verdict, message } = decideResult(call("t"), { result, bytes: 1, outputSchema: null }, policy);
  expect([verdict, message]).toEqual(["deny", `Rule "r": ${told}`]);
});

test('rules under "*" are for resources and prompts too, other keys are tools', () => {
  const policy = policyOf(`version: "1"
results:
  "*": { rules: [{ name: all, redact: [emails] }] }
  "file:///*": { rules: [{ name: tools, action: deny }] }
`);
  const names = (kind: "tool" | "resource" | "prompt") =>
    policy.resultPlan({ tool: "file:///x", upstream: "up", kind }).rules.map(({ ref }) => ref.name);
  expect([names("tool"), names("resource"), names("prompt")]).toEqual([["tools", "all"], ["all"], ["all"]]);
});

test("errors are redacted too, whatever a rule is for", () => {
  const policy = policyOf(
    results("{ name: r, when: [{ path: result.structuredContent.x, op: eq, value: 1 }], redact: [secrets] }"),
  );
  const error = {
    code: -32603,
    message: "cannot reach postgres://me:hunter2@db/x",
    data: { password: "hunter2" },
  };
  const clean = cleanError(call("t"), error, policy);
  expect(clean).toMatchObject({ rule: { name: "r" }, shadow: false });
  expect(clean?.error).toEqual({
    code: -32603,
    message: "cannot reach postgres://me:[redacted secret]@db/x",
    data: { password: "[redacted secret]" },
  });
  expect(cleanError(call("t"), { code: 1, message: "no" }, policy)).toBeNull();
  expect(cleanError(call("u"), error, policy)).toBeNull();
});
