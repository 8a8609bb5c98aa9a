/** An operator's changes as rules of a policy file. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseYaml, stringify } from "yaml";
import { matcher } from "../../src/control/filter/match.ts";
import { parseFilter } from "../../src/control/filter/parse.ts";
import { addItem, LayoutError } from "../../src/gateway/written/add-to-yaml.ts";
import { conditionsOf } from "../../src/gateway/written/filter-conditions.ts";
import { flowText, type Plain } from "../../src/gateway/written/flow-text.ts";
import { lineDiff } from "../../src/gateway/written/line-diff.ts";
import { withRules } from "../../src/gateway/written/rules-of.ts";
import { decide } from "../../src/policy/decide.ts";
import type { JsonObject } from "../../src/wire/json.ts";
import { policyOf } from "../policy/helpers.ts";
import { FakeGateway } from "../screen/fake-gateway.ts";

const COMMENTED = `version: "1" # the only one

# Payments go out from here.
tools:
  create_charge: # cards
    rules:
      - name: cap   # five hundred
        conditions: [{ path: args.amount,  op: lte, value: 50000 }]   # cents
      # the end of the caps

  echo: { rules: [] }   # harmless
mode: enforce
`;

describe("adding to YAML", () => {
  const rule = { name: "no more", action: "deny" };
  it.each<[string, (string | number)[], string]>([
    [COMMENTED, ["tools", "create_charge", "rules"], "      - { name: no more, action: deny }"],
    [
      COMMENTED,
      ["tools", "echo", "rules"],
      "  echo: { rules: [{ name: no more, action: deny }] }   # harmless",
    ],
    [COMMENTED, ["tools", "*", "rules"], '  "*":\n    rules:\n      - { name: no more, action: deny }'],
    [
      'version: "1"\n',
      ["tools", "a b", "rules"],
      "tools:\n  a b:\n    rules:\n      - { name: no more, action: deny }",
    ],
    [
      "tools:\n  x:\n    rules:\n",
      ["tools", "x", "rules"],
      "    rules:\n      - { name: no more, action: deny }\n",
    ],
    [
      "tools:",
      ["tools", "x", "rules"],
      "tools:\n  x:\n    rules:\n      - { name: no more, action: deny }\n",
    ],
    ["tools:\n- a", ["tools"], "tools:\n- a\n- { name: no more, action: deny }\n"],
    [
      "tools: { x: { rules: [{ name: a }, ] } }\n",
      ["tools", "x", "rules"],
      "[{ name: a }, { name: no more, action: deny }, ]",
    ],
    [
      "t:\n  - name: a\n    on_deny: |\n      two\n      lines\nmode: x\n",
      ["t"],
      "      lines\n  - { name: no more, action: deny }\nmode: x\n",
    ],
    [
      COMMENTED,
      ["tools", "create_charge", "rules", 0, "when"],
      "value: 50000 }]   # cents\n        when: [{ name: no more, action: deny }]\n",
    ],
    ["", ["a"], "a:\n  - { name: no more, action: deny }\n"],
  ])("%j at %j", (text, path, expected) => {
    const added = addItem(text, path, rule);
    expect(added).toContain(expected);
    // All that was there is there still, but for what a line got longer by.
    expect(lineDiff(text, added).filter((line) => line.startsWith("-")).length).toBeLessThan(2);
    for (const comment of text.match(/#.*/g) ?? []) expect(added).toContain(comment);
  });

  it("fits into any layout that YAML's own printer has, and leaves comments where they are", () => {
    const rules = fc.array(fc.constant({ name: "r", n: [1] }), { maxLength: 2 });
    const tools = fc.dictionary(
      fc.constantFrom("a", "b c", "*", "x_*"),
      fc.record({ rules }, { requiredKeys: [] }),
    );
    const file = fc.record(
      { version: fc.constant("1"), tools, mode: fc.constant("enforce") },
      { requiredKeys: ["version"] },
    );
    const style = fc.record({
      indent: fc.constantFrom(2, 4),
      indentSeq: fc.boolean(),
      collectionStyle: fc.constantFrom("any" as const, "block" as const, "flow" as const),
      lineWidth: fc.constantFrom(0, 40),
    });
    const path = fc.constantFrom("a", "b c", "*", "new").map((key) => ["tools", key, "rules"]);
    fc.assert(
      fc.property(file, style, path, fc.array(fc.nat(12), { maxLength: 4 }), (data, how, at, commented) => {
        const text = stringify(data, how)
          .split("\n")
          .map((line, i) => (commented.includes(i) && line !== "" ? `${line} # c${i}` : line))
          .join("\n");
        fc.pre(how.indentSeq || !/\n *\[\]/.test(text)); // where nothing but [] may stand
        const added = addItem(text, at, rule);
        for (const comment of text.match(/# c\d+/g) ?? []) expect(added).toContain(comment);
        expect(addItem(added, at, rule)).not.toBe(added);
      }),
      { numRuns: 500 },
    );
  });

  it("gives up where it would have to write the file anew", () => {
    expect(() => addItem("a: &x { rules: [] }\nb: *x\n", ["b", "rules"], "new")).toThrow(LayoutError);
    expect(() => addItem("a: 5\n", ["a"], "new")).toThrow(LayoutError);
  });

  it("writes any text so that it reads back", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        expect(parseYaml(`- ${flowText(value as Plain)}\n`)).toEqual([JSON.parse(JSON.stringify(value))]);
      }),
      { numRuns: 300 },
    );
  });
});

it("a diff turns one text into the other", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 })
    .map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = lineDiff(before, after);
      const count = (mark: string) => lines.filter((line) => line.startsWith(mark)).length;
      expect(count("+") - count("-")).toBe(after.split("\n").length - before.split("\n").length);
      if (before === after) expect(lines).toEqual([]);
    }),
  );
});

describe("a filter as conditions", () => {
  const gateway = new FakeGateway();
  const calls: { tool: string; args: JsonObject }[] = [
    { tool: "create_charge", args: { amount: 700, id: "500", flag: true } },
    { tool: "Create_Refund", args: { amount: 500, id: 500, flag: "no" } },
    { tool: "echo", args: { note: "Two (2) chairs" } },
  ];
  it.each([
    "tool:create_*",
    "tool:CREATE",
    "tool=echo or tool:refund",
    "arg.amount>500",
    "!arg.amount<=500 tool:c",
    "arg.amount!=700",
    "arg.flag=true",
    'arg.note:"(2)"',
    "agent:claude (tool:echo or !tool:e*)",
    "server!=other",
  ])("%s", (text) => {
    const parsed = parseFilter(text);
    if (!parsed.ok || parsed.filter === null) throw new Error("no filter");
    const matches = matcher(parsed.filter);
    const rule = { name: "held", when: conditionsOf(parsed.filter), action: "ask" };
    const policy = policyOf(`version: "1"\ntools:\n  "*": { rules: [${flowText(rule)}] }\n`);
    for (const { tool, args } of calls) {
      const call = { tool, args, upstream: "payments", agent: "claude", session: "s", time: Date.now() };
      const view = gateway.call({
        tool,
        arguments: JSON.stringify(args),
        upstream: "payments",
        agent: "claude",
      });
      const { verdict } = decide(call, policy, new Map());
      expect([tool, verdict === "ask"]).toEqual([tool, matches(view, Date.now())]);
    }
  });
});

describe("any filter that can be written", () => {
  const leaf = fc.constantFrom(
    "tool:create_*",
    "tool=echo",
    "tool:E",
    "tool!=echo",
    "agent:cla",
    "agent!=claude",
    "server=payments",
    "class:read",
    "class!=financial",
    "arg.n>5",
    "arg.n<=5",
    "arg.n=5",
    "arg.n!=5",
    "arg.s:a*",
    "arg.s=true",
    "arg.s!=a.b",
    "arg.s:.",
  );
  const { filter } = fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4 },
      leaf,
      tie("filter").map((one) => `!(${one})`),
      fc
        .tuple(tie("filter"), fc.constantFrom("and", "or", ""), tie("filter"))
        .map(([a, by, b]) => `(${a}) ${by} (${b})`),
    ),
  }));
  const call = fc.record({
    tool: fc.constantFrom("create_charge", "echo", "Echo", "get_balance", "delete_it"),
    agent: fc.constantFrom("claude", "", "other"),
    args: fc.record(
      { n: fc.constantFrom(5, 6, -1), s: fc.constantFrom("a.b", "A", "true", "") },
      { requiredKeys: [] },
    ),
  });

  it("holds as a rule just those calls that it named", () => {
    const gateway = new FakeGateway();
    fc.assert(
      fc.property(filter, call, (text, { tool, agent, args }) => {
        const parsed = parseFilter(text);
        if (!parsed.ok || parsed.filter === null) throw new Error(text);
        const rule = { name: "held", when: conditionsOf(parsed.filter), action: "ask" };
        const policy = policyOf(`version: "1"\ntools:\n  "*": { rules: [${flowText(rule)}] }\n`);
        const one = { tool, args: args as JsonObject, upstream: "payments", agent, session: "s", time: 0 };
        const { classes } = policy.plan(one);
        const view = gateway.call({ ...one, classes: [...classes], arguments: JSON.stringify(args) });
        const { verdict, trace } = decide(one, policy, new Map());
        expect([verdict === "ask", trace]).toEqual([matcher(parsed.filter)(view, 0), trace]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("drafting", () => {
  const none = { blocks: [], allows: [], holds: [] };
  it("blocks, holds and allows become rules, and what cannot be is said", () => {
    const cap = { name: "cap", tool: "create_charge", file: "p.yaml", line: 7 };
    const { text, takeBack, leftOut } = withRules(COMMENTED, "p.yaml", {
      blocks: [
        { tool: "delete_*", until: null },
        { tool: "echo", until: 5 },
      ],
      allows: [
        { tool: "create_charge", until: null, overrode: [cap] },
        { tool: "other", until: null, overrode: [] },
        { tool: "third", until: null, overrode: [{ ...cap, tool: "default", name: "default deny" }] },
      ],
      holds: ["arg.amount>500", "chairs"],
    });
    policyOf(text);
    expect(text).toContain('  "delete_*":\n    rules:\n      - { name: "block delete_*", action: deny');
    expect(text).toContain(
      '- { name: "hold arg.amount>500", when: [{ path: args.amount, op: gt, value: 500 }], action: ask }',
    );
    expect(text).toContain("when: [{ path: tool.name, op: neq, value: create_charge }]");
    expect(takeBack).toEqual(["unblock delete_*", "unallow create_charge", "resume arg.amount>500"]);
    expect(leftOut.join("\n")).toContain("block echo: it ends by itself");
    expect(leftOut.join("\n")).toContain("allow other: it has overridden no rule yet");
    expect(leftOut.join("\n")).toContain("default: deny");
    expect(leftOut.join("\n")).toContain('hold chairs: rules do not search for text ("chairs")');
  });

  it("nothing changed is nothing to write", () => {
    expect(withRules(COMMENTED, "p.yaml", none)).toMatchObject({
      text: COMMENTED,
      takeBack: [],
      leftOut: [],
    });
  });
});
