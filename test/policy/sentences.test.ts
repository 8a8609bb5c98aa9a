/** Sentences of docs/policies.md that no example of it and no other test is about: each is quoted, and tried. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decideResult } from "../../src/policy/results/decide-result.ts";
import { parseSize } from "../../src/policy/results/size.ts";
import { call, judged, Ledger, listed, policyOf, rules } from "./helpers.ts";

const document = readFileSync(join(import.meta.dirname, "../../docs/policies.md"), "utf8").replace(
  /\s+/g,
  " ",
);

function sentence(text: string, prove: () => void): void {
  test(text, () => {
    expect(document).toContain(text);
    prove();
  });
}

const only = (condition: string, more = "") =>
  policyOf(rules(`{ name: r, conditions: [${condition}]${more} }`));
const verdict = (condition: string, args: Parameters<typeof judged>[2]) =>
  judged(only(condition), "t", args).verdict;

sentence("how long an `ask` waits: `2m`, 5 minutes where nothing is said", () => {
  expect(judged(policyOf(rules("{ name: r, action: ask }")), "t").ask?.timeoutMs).toBe(300_000);
});

sentence("`null` is a missing value, but for `exists`, `type` and a comparison with `null`", () => {
  const x = { x: null };
  for (const condition of [
    "op: lte, value: 5",
    "op: eq, value: a",
    "op: neq, value: a",
    "op: not_in, value: [a]",
  ]) {
    expect(verdict(`{ path: args.x, ${condition} }`, x)).toBe("deny");
  }
  for (const condition of ["op: exists, value: true", "op: type, value: 'null'", "op: eq, value: null"]) {
    expect(verdict(`{ path: args.x, ${condition} }`, x)).toBe("allow");
  }
});

sentence("`.` is any character but a line break: `(?s)` makes it any", () => {
  expect(verdict("{ path: args.x, op: regex, value: '^drop.*table$' }", { x: "drop\ntable" })).toBe("deny");
  expect(verdict("{ path: args.x, op: regex, value: '(?s)^drop.*table$' }", { x: "drop\ntable" })).toBe(
    "allow",
  );
  expect(verdict("{ path: args.x, op: regex, value: '^a$' }", { x: "a\n" })).toBe("deny");
});

sentence("matches a pattern somewhere", () => {
  expect(verdict("{ path: args.x, op: regex, value: 'b' }", { x: "abc" })).toBe("allow");
});

sentence("Directories are absolute POSIX paths; case counts.", () => {
  expect(listed(rules("{ name: r, conditions: [{ path: args.x, op: within, value: srv }] }"))).toHaveLength(
    1,
  );
  expect(verdict("{ path: args.x, op: within, value: /srv }", { x: "/SRV/a" })).toBe("deny");
});

sentence('Under `"*"` all tools count together; with `per: [tool]` each on its own.', () => {
  for (const [per, expected] of [
    ["", "deny"],
    [", per: [tool]", "allow"],
  ]) {
    const ledger = new Ledger();
    const policy = policyOf(
      `version: "1"\ntools: { "*": { rules: [{ name: r, rate_limit: 1/day${per} }] } }`,
    );
    expect(ledger.decide(policy, call("a")).verdict).toBe("allow");
    expect(ledger.decide(policy, call("b")).verdict).toBe(expected);
  }
});

sentence("the largest answer: bytes, or `64KB`, `1MB`, `1MiB`", () => {
  expect([500, "64KB", "1MB", "1MiB"].map(parseSize)).toEqual([500, 64_000, 1_000_000, 1_048_576]);
});

sentence("Counters belong to one server", () => {
  const ledger = new Ledger();
  const policy = policyOf(rules("{ name: r, rate_limit: 1/day }"));
  expect(ledger.decide(policy, call("t", {}, { upstream: "a" })).verdict).toBe("allow");
  expect(ledger.decide(policy, call("t", {}, { upstream: "b" })).verdict).toBe("allow");
  expect(ledger.decide(policy, call("t", {}, { upstream: "a" })).verdict).toBe("deny");
});

sentence("every edit of the file", () => {
  const ledger = new Ledger();
  expect(ledger.decide(policyOf(rules("{ name: r, rate_limit: 1/day }")), call("t")).verdict).toBe("allow");
  const edited = policyOf(`description: another\n${rules("{ name: other, rate_limit: 1/day }")}`);
  expect(ledger.decide(edited, call("t")).verdict).toBe("deny");
});

sentence("A tool takes by its own key, else by the first that it falls under, and once.", () => {
  const policy = policyOf(
    'version: "1"\nbudgets: { b: { limit: 10, window: day, tools: { "get_*": 1, get_a: 5, "*": 9 } } }\n',
  );
  const taken = (tool: string) => judged(policy, tool).increments.map(({ add }) => add / 1_000_000n);
  expect([taken("get_a"), taken("get_b"), taken("put")]).toEqual([[5n], [1n], [9n]]);
});

sentence("a name goes before a glob", () => {
  const policy = policyOf(
    'version: "1"\nclasses: { "get_*": destructive, get_a: read }\ntools: { "class:destructive": { rules: [{ name: no, action: deny }] } }\n',
  );
  expect([judged(policy, "get_a").verdict, judged(policy, "get_b").verdict]).toEqual(["allow", "deny"]);
});

sentence("Where two files differ, it is of both.", () => {
  const file = (name: string, of: string) =>
    `version: "1"\nclasses: { t: ${of} }\ntools: { "class:${of}": { rules: [{ name: ${name}, action: ask }] } }\n`;
  const { ask } = judged(policyOf(file("a", "read"), file("b", "execute")), "t");
  expect(ask?.rules.map(({ name }) => name)).toEqual(["a", "b"]);
});

sentence("counters cannot be read. Deny beats redact.", () => {
  const results = (rule: string) => `version: "1"\nresults: { t: { rules: [${rule}] } }\n`;
  expect(
    listed(results("{ name: r, conditions: [{ path: state.t.c, op: lte, value: 1 }] }")).join(),
  ).toContain("a rule about results reads no counters");
  const policy = policyOf(
    results(
      "{ name: r, redact: [emails] }, { name: s, action: deny, conditions: [{ path: result.text, op: contains, value: ada }] }",
    ),
  );
  const result = { content: [{ type: "text", text: "ada@example.com" }] };
  expect(decideResult(call("t"), { result, bytes: 1, outputSchema: null }, policy).verdict).toBe("deny");
});

sentence("`*` without slashes, `**` with them", () => {
  const policy = policyOf('version: "1"\nresources: { "a:/*/c": { hide: true }, "b:/**": { hide: true } }\n');
  const hidden = (uri: string) => policy.hiddenResource(uri, "up");
  expect(["a:/b/c", "a:/b/b/c", "b:/c", "b:/c/d"].map(hidden)).toEqual([true, false, true, true]);
});

sentence("With another name, window, time zone or `per` it is another counter.", () => {
  const counted = (head: string, window = "day", name = "c", per = "") => {
    const state = `{ counter: ${name}, window: ${window}${per} }`;
    const [first] = judged(policyOf(`${head}${rules(`{ name: r, state: ${state} }`)}`), "t").increments;
    return first?.id;
  };
  const ids = [
    counted(""),
    counted("description: x\n"),
    counted("", "week"),
    counted("", "day", "d"),
    counted("timezone: Asia/Tokyo\n"),
    counted("", "day", "c", ", per: [agent]"),
  ];
  expect(new Set(ids).size).toBe(5);
});
