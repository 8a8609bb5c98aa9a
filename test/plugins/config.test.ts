import { expect, test } from "vitest";
import { configure, type Setting } from "../../src/plugins/config.ts";
import { pluginEntry } from "../../src/policy/schema/plugins.ts";
import type { JsonObject } from "../../src/wire/json.ts";

const DECLARED: Record<string, Setting> = {
  open: {
    type: "string",
    pattern: "^\\d\\d:\\d\\d$",
    default: "09:00",
    description: "when it opens, such as 09:00",
  },
  mode: { type: "string", enum: ["strict", "loose"], default: "strict" },
  max: { type: "integer", minimum: 1, maximum: 10, default: 3 },
  share: { type: "number", default: 0.5 },
  on: { type: "boolean", default: true },
  roots: { type: "array", items: { type: "string" } },
  rules: {
    type: "object",
    additionalProperties: { type: "object", properties: { after: { type: "string" } } },
    default: {},
  },
};

const issues = (given: JsonObject) =>
  configure(DECLARED, { roots: [], ...given }).issues.map(
    ({ path, at, message, help }) => `${path.join("/")} ${at}: ${message} | ${help}`,
  );

test("defaults are filled in", () => {
  const { config, issues } = configure(DECLARED, { roots: ["/srv"], max: 5 });
  expect(issues).toEqual([]);
  expect(config).toEqual({
    roots: ["/srv"],
    max: 5,
    open: "09:00",
    mode: "strict",
    share: 0.5,
    on: true,
    rules: {},
  });
});

test.each<[JsonObject, string[]]>([
  [
    { open: "9" },
    ['open value: open "9" does not match ^\\d\\d:\\d\\d$ | text: when it opens, such as 09:00'],
  ],
  [{ open: 9 }, ["open value: open must be text, not 9 | text: when it opens, such as 09:00"]],
  [
    { mode: "strickt" },
    ['mode value: mode cannot be "strickt" | one of strict, loose. Did you mean "strict"?'],
  ],
  [{ max: 11 }, ["max value: max must be at most 10 | write a whole number"]],
  [{ max: 0 }, ["max value: max must be at least 1 | write a whole number"]],
  [{ max: 1.5 }, ["max value: max must be a whole number, not 1.5 | write a whole number"]],
  [{ share: "1" }, ['share value: share must be a number, not "1" | write a number']],
  [{ on: "yes" }, ['on value: on must be true or false, not "yes" | write true or false']],
  [{ roots: "/srv" }, ['roots value: roots must be a list, not "/srv" | write a list']],
  [{ roots: ["/srv", 1] }, ["roots/1 value: roots[1] must be text, not 1 | write text"]],
  [{ rules: { refund: {} } }, ["rules/refund/after value: after is missing | write text"]],
  [
    { rules: { refund: { after: "x", per: 1 } } },
    ['rules/refund/per key: unknown setting "per" | one of after.'],
  ],
  [
    { opne: "09:00" },
    [
      'opne key: unknown setting "opne" | one of open, mode, max, share, on, roots, rules. Did you mean "open"?',
    ],
  ],
])("%j", (given, expected) => {
  expect(issues(given)).toEqual(expected);
});

test("a setting without a default must be given, and all issues are listed", () => {
  expect(configure(DECLARED, { max: 0 }).issues.map(({ message }) => message)).toEqual([
    "max must be at least 1",
    "roots is missing",
  ]);
  expect(configure({}, { a: 1 }).issues[0]?.help).toBe("the plugin has no settings here: remove it");
});

test("an entry of a policy", () => {
  expect(pluginEntry.parse({ use: "a.ts" })).toEqual({
    use: "a.ts",
    config: {},
    on_error: "deny",
    timeout: 500,
    memory: 64,
    tools: ["*"],
  });
  expect(pluginEntry.parse({ use: "a.ts", timeout: "2s", memory: "16MB" })).toMatchObject({
    timeout: 2000,
    memory: 16,
  });
  for (const wrong of [
    {},
    { use: "" },
    { use: "a.ts", timeout: "0ms" },
    { use: "a.ts", memory: "1GB" },
    { use: "a.ts", tools: [] },
    { use: "a.ts", on_error: "ask" },
    { use: "a.ts", extra: 1 },
  ]) {
    expect(pluginEntry.safeParse(wrong).success).toBe(false);
  }
});

test("a pattern takes no longer for a longer text, and a setting may have any name", () => {
  const declared: Record<string, Setting> = {
    text: { type: "string", pattern: "^(a+)+$", default: "" },
    map: { type: "object", additionalProperties: { type: "number" }, default: {} },
  };
  const { issues } = configure(declared, { text: `${"a".repeat(200)}!` });
  expect(issues.map(({ message }) => message)).toEqual([expect.stringContaining("does not match ^(a+)+$")]);
  const map = JSON.parse('{"__proto__":1}');
  expect(JSON.stringify(configure(declared, { map }).config)).toBe('{"map":{"__proto__":1},"text":""}');
});
