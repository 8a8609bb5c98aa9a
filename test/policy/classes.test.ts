import { describe, expect, test } from "vitest";
import { classesOf } from "../../src/policy/tools/classes.ts";
import { call, judged, listed, policyOf } from "./helpers.ts";

describe("the class of a tool", () => {
  test.each([
    ["list_charges", "read"],
    ["getUser", "read"],
    ["github_get_issue", "read"],
    ["slack-list-channels", "read"],
    ["stripe.retrieve_balance", "read"],
    ["list_workflow_runs", "read"],
    ["create_issue", "write"],
    ["send-message", "write"],
    ["move_file", "write"],
    ["query", "write or destructive or financial or execute"],
    ["delete_file", "destructive"],
    ["bulkDelete", "destructive"],
    ["find_and_replace", "destructive"],
    ["search_replace", "destructive"],
    ["readWrite2", "write"],
    ["get_order", "read"],
    ["list_executions", "read"],
    ["create_charge", "financial"],
    ["createPaymentIntent", "financial"],
    ["cancel_subscription", "financial"],
    ["create_refund", "financial"],
    ["execute_sql", "execute"],
    ["run_command", "execute"],
    ["HTTPExec", "execute"],
    ["bash", "execute"],
    ["frobnicate", "write or destructive or financial or execute"],
    ["", "write or destructive or financial or execute"],
  ])("%s: %s", (tool, expected) => {
    expect(classesOf(tool, null).join(" or ")).toBe(expected);
  });

  test.each([
    ["frobnicate", { readOnlyHint: true }, "read"],
    ["delete_it", { readOnlyHint: true }, "read"],
    ["frobnicate", { destructiveHint: true }, "destructive"],
    ["frobnicate", { destructiveHint: false }, "write"],
    ["frobnicate", { readOnlyHint: false }, "destructive"],
    ["create_it", { readOnlyHint: false }, "write"],
    ["delete_it", { destructiveHint: false }, "destructive"],
    ["create_charge", { destructiveHint: false }, "financial"],
    ["run_it", { destructiveHint: true }, "execute"],
    ["get_it", { readOnlyHint: false }, "destructive"],
    ["get_it", { title: "Get it", readOnlyHint: "yes" }, "read"],
  ])("%s with %j: %s", (tool, annotations, expected) => {
    expect(classesOf(tool, annotations).join(" or ")).toBe(expected);
  });
});

const policy = policyOf(`version: "1"
hide: [{ class: execute }]
classes: { frobnicate: read, "x_*": destructive, x_ok: write }
tools:
  "class:destructive": { rules: [{ name: none, action: deny }] }
  "*": { rules: [{ name: known, conditions: [{ path: tool.class, op: in, value: [read, write] }] }] }
`);

describe("in a policy", () => {
  test.each([
    ["get_x", "allow", undefined],
    ["delete_x", "deny", "none"],
    ["run_x", "deny", "hidden"],
    ["frobnicate", "allow", undefined],
    ["x_1", "deny", "none"],
    ["x_ok", "allow", undefined],
    ["create_charge", "deny", "known"],
    ["what", "deny", "hidden"],
  ])("%s: %s", (tool, verdict, rule) => {
    const decision = judged(policy, tool);
    expect([decision.verdict, decision.rule?.name]).toEqual([verdict, rule]);
  });

  test("annotations decide, and a new word of the server counts at once", () => {
    const more = { annotations: { readOnlyHint: true } };
    expect(policy.hidden("what", "up")).toBe(true);
    expect(policy.hidden("what", "up", more.annotations)).toBe(false);
    expect(judged(policy, "what", {}, more).verdict).toBe("allow");
    expect(judged(policy, "what").verdict).toBe("deny");
  });

  test("tool.class of a tool that could be several: where they differ, the rule errs", () => {
    const asks = (value: string) =>
      judged(
        policyOf(
          `version: "1"\ntools: { "*": { rules: [{ name: r, conditions: [{ path: tool.class, op: in, value: ${value} }] }] } }`,
        ),
        "what",
      ).trace[0];
    expect(asks("[write, destructive, financial, execute]")?.outcome).toBe("pass");
    expect(asks("[read]")?.outcome).toBe("deny");
    expect(asks("[read, write]")).toMatchObject({
      outcome: "error",
      conditions: [{ actual: "write or destructive or financial or execute" }],
    });
  });

  test("default deny: a class lists only what is surely of it", () => {
    const closed = policyOf('version: "1"\ndefault: deny\ntools: { "class:write": { rules: [] } }');
    expect(["create_x", "what", "get_x"].map((tool) => judged(closed, tool).verdict)).toEqual([
      "allow",
      "deny",
      "deny",
    ]);
  });

  test("mistakes", () => {
    expect(listed('version: "1"\ntools: { "class:destroy": { rules: [] } }\n')).toEqual([
      '2:10 unknown class "destroy" | one of read, write, destructive, financial, execute.',
    ]);
    expect(listed('version: "1"\nhide: [{ class: destructiv }, "class:x"]\n')).toEqual([
      '2:17 unknown class "destructiv" | one of read, write, destructive, financial, execute. Did you mean "destructive"?',
      '2:31 unknown class "x" | one of read, write, destructive, financial, execute.',
    ]);
    expect(listed('version: "1"\nclasses: { a: danger, "class:read": read }\n')).toEqual([
      expect.stringMatching(/^2:15 unknown a "danger"/),
      "2:23 a class is not a tool | write a tool's name or a glob",
    ]);
    expect(listed('version: "1"\nhide: [5, { klass: read }]\n')).toEqual([
      expect.stringMatching(/^2:8 item 1 of hide must be text, not the number 5/),
      expect.stringMatching(/^2:11 class is missing/),
      expect.stringMatching(/^2:13 unknown key "klass" \| one of class/),
    ]);
  });
});

test("two files that say different things of a tool leave both open", () => {
  const one = (of: string) => `version: "1"\nclasses: { x: ${of} }\n`;
  const rule =
    'tools: { "class:write": { rules: [{ name: w, action: deny, conditions: [{ path: args.a, op: exists, value: true }] }] } }';
  const both = policyOf(one("read") + rule, one("write"));
  expect(judged(both, "x", { a: 1 }).verdict).toBe("deny");
  expect(both.plan(call("x")).classes).toEqual(["read", "write"]);
});
