import { describe, expect, test } from "vitest";
import { call, judged, Ledger, listed, policyOf } from "./helpers.ts";

const policy = policyOf(`version: "1"
resources:
  "file:///etc/**": { rules: [{ name: no etc, action: deny, on_deny: not yours }] }
  "file:///srv/secrets/**": { hide: true }
  "file:///srv/key.pem": { rules: [{ name: no key, action: deny }] }
  "https://bank.example/private/**": { rules: [{ name: private, action: deny }] }
  "demo://text/*": { rules: [{ name: no demo, action: deny }] }
  "db://*/users": { rules: [{ name: slow, rate_limit: 1/minute }] }
  "*": { rules: [{ name: asked for, action: ask, conditions: [{ path: tool.name, op: ends_with, value: .key }] }] }
prompts:
  draft_mail: { hide: true }
  "admin_*": { rules: [{ name: staff, conditions: [{ path: args.team, op: eq, value: ops }] }] }
`);
const resource = (uri: string) => judged(policy, uri, { uri }, { kind: "resource" });
const prompt = (name: string, args = {}) => judged(policy, name, args, { kind: "prompt" });

describe("resources", () => {
  test.each([
    ["file:///etc/passwd", "no etc"],
    ["file:///etc/ssh/key", "no etc"],
    ["FILE:///etc/passwd", "no etc"],
    ["file:/etc/passwd", "no etc"],
    ["file://localhost/etc/passwd", "no etc"],
    ["file:///home/../etc/passwd", "no etc"],
    ["file:///%65tc/passwd", "no etc"],
    ["file:///%2565tc/passwd", "no etc"],
    ["file:///home/%2e%2e/etc/passwd", "no etc"],
    ["file:////etc/passwd", "no etc"],
    ["file:///ETC/passwd", "no etc"],
    // What `new URL` makes of it, as most servers do.
    ["file:etc/passwd", "no etc"],
    ["file:///srv/key.pem#", "no key"],
    ["file:///srv/key.pem?x=/y", "no key"],
    ["file:///srv/key.pem%23x", "no key"],
    ["https://bank.example:443/private/a", "private"],
    ["https:bank.example/private/a", "private"],
    ["https:////bank.example/private/a", "private"],
    ["https://BANK.example./private/a", "private"],
    ["https://me@bank.example/private/a", "private"],
    ["https://bank.example:8443/private/a", undefined],
    ["demo://text:/1", "no demo"],
    ["demo://text/1#x", "no demo"],
    ["demo:text/1", undefined],
    // Or a server that only cuts off the scheme.
    ["file://host/etc/passwd", "no etc"],
    ["file:///srv/x?/../../etc/passwd", "no etc"],
    ["file:///srv/x#/../../etc/passwd", "no etc"],
    ["file:///srv/secrets/a", "hidden"],
    ["file:///srv/x/../secrets/a", "hidden"],
    ["file:///etc/a\\b", "readable URI"],
    ["file:///e\ttc/passwd", "readable URI"],
    ["file:///%c0%ae/etc", "readable URI"],
    ["file:///etcetera", undefined],
    ["file:///home/etc/x", undefined],
    ["notes://all", undefined],
  ])("%s: %s", (uri, rule) => {
    expect(resource(uri).rule?.name).toBe(rule);
  });

  test("are hidden from lists, asked about and limited", () => {
    expect(policy.hiddenResource("file:///srv/secrets/a", "up")).toBe(true);
    expect(policy.hiddenResource("file:///etc/passwd", "up")).toBe(false);
    expect(resource("file:///home/x.key").verdict).toBe("ask");
    const ledger = new Ledger();
    const users = () => ledger.decide(policy, call("db://main/users", {}, { kind: "resource" }));
    expect(users().verdict).toBe("allow");
    expect(users().message).toBe('Rule "slow": the limit of 1 calls per minute to db://*/users is reached');
  });

  test("are no tools, and tools are none of them", () => {
    expect(judged(policy, "file:///etc/passwd").verdict).toBe("allow");
    expect(judged(policy, "draft_mail", {}, { kind: "resource" }).verdict).toBe("allow");
  });
});

test("prompts", () => {
  expect(policy.hiddenPrompt("draft_mail", "up")).toBe(true);
  expect(prompt("draft_mail").message).toBe('Prompt "draft_mail" is not available');
  expect(prompt("Draft_Mail").rule?.name).toBe("exact name");
  expect(prompt("admin_x").verdict).toBe("deny");
  expect(prompt("admin_x", { team: "ops" }).verdict).toBe("allow");
  expect(prompt("other").verdict).toBe("allow");
});

test("watching", () => {
  const watching = policyOf('version: "1"\nmode: shadow\nprompts: { p: { hide: true } }');
  expect(judged(watching, "p", {}, { kind: "prompt" })).toMatchObject({
    verdict: "allow",
    would: { verdict: "deny" },
  });
  expect(watching.hiddenPrompt("p", "up")).toBe(false);
});

test.each([
  ["{ hide: yes }", '2:25 hide must be true or false, not "yes"'],
  ["{ rules: [{ name: r, action: deny, state: {} }] }", '2:52 unknown key "state"'],
  ["{ rules: [{ name: r }] }", '2:27 rule "r" does nothing'],
  [
    "{ rules: [{ name: r, action: deny }, { name: r, action: deny }] }",
    '2:62 another rule of "x" is named "r" too',
  ],
])("%s", (text, message) => {
  expect(listed(`version: "1"\nresources: { x: ${text} }\n`)[0]).toContain(message);
});

describe("default: deny", () => {
  const closed = policyOf(`version: "1"
default: deny
tools: { get: { rules: [] } }
resources:
  "file:///srv/**": { rules: [] }
  "note://one": { rules: [] }
  "note://q?u=1": { rules: [] }
  "https://*.bank.example/**": { rules: [] }
  "https://docs.example": { rules: [] }
  "*": { rules: [{ name: pace, rate_limit: 60/minute }] }
prompts:
  "draft_*": { rules: [] }
  "*": { rules: [] }
`);
  const rule = (name: string, kind: "resource" | "prompt") => judged(closed, name, {}, { kind }).rule?.name;

  test.each([
    ["file:///srv/a", undefined],
    ["file:///srv/a%20b/c.txt", undefined],
    ["note://one", undefined],
    ["note://two", "default deny"],
    ["file:///etc/passwd", "default deny"],
    ["file:///srv/../etc/passwd", "default deny"],
    ["file:///srv/%2e%2e/etc/passwd", "default deny"],
    ["file:///srv/%252e%252e/etc/passwd", "default deny"],
    ["file:///srv/．．/etc/passwd", "default deny"],
    ["file:///srv2/a", "default deny"],
    // A server for which case counts has another file there.
    ["file:///SRV/a", "default deny"],
    ["NOTE://one", "default deny"],
    ["file:///srv/a\\..\\..\\etc", "readable URI"],
    ["file:///srv/x?/../../etc/passwd", "default deny"],
    ["file:///srv/x%3f/../../etc/passwd", "default deny"],
    ["note://q?u=1", undefined],
    ["https://docs.example", undefined],
    ["https://a.bank.example/x?y=1#z", undefined],
    ["https://evil.example#.bank.example/x", "default deny"],
    ["https://evil.example?.bank.example/x", "default deny"],
    ["https://a.bank.example@evil.example/x", "default deny"],
  ])("resource %s: %s", (uri, expected) => {
    expect(rule(uri, "resource")).toBe(expected);
  });

  test.each([
    ["draft_mail", undefined],
    ["Draft_mail", "exact name"],
    ["send_mail", "default deny"],
  ])("prompt %s: %s", (name, expected) => {
    expect(rule(name, "prompt")).toBe(expected);
  });

  test("closes what a file says nothing of, and only where the file governs", () => {
    const tools = policyOf('version: "1"\nservers: [up]\ndefault: deny\ntools: { get: { rules: [] } }\n');
    const asked = (kind: "resource" | "prompt", upstream: string) =>
      judged(tools, "file:///srv/a", {}, { kind, upstream }).verdict;
    expect([asked("resource", "up"), asked("prompt", "up")]).toEqual(["deny", "deny"]);
    expect([asked("resource", "other"), asked("prompt", "other")]).toEqual(["allow", "allow"]);
    expect(judged(tools, "file:///srv/a", {}, { kind: "resource" }).message).toBe(
      'Resource "file:///srv/a" is not on the list of allowed resources',
    );
  });
});
