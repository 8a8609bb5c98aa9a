import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { test as testCommand } from "../../src/commands/test.ts";
import { type RawTryOptions, tryCall } from "../../src/commands/try.ts";
import { UsageError } from "../../src/commands/usage-error.ts";

let dir = "";
let printed = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "callgate-"));
  printed = "";
});
afterEach(() => rmSync(dir, { recursive: true }));

const out = {
  write: (text: string) => {
    printed += text.replaceAll(`${dir}/`, "");
  },
  color: false,
};
const write = (name: string, text: string) => writeFileSync(join(dir, name), text);

const RULES = `version: "1"
servers: ["pay*"]
tools:
  charge:
    rules:
      - { name: max, conditions: [{ path: args.n, op: lte, value: 5 }], on_deny: too much }
      - { name: ask, when: [{ path: args.n, op: gt, value: 3 }], action: ask }
      - { name: pace, rate_limit: 3/minute }
results:
  charge: { rules: [{ name: no mail, redact: [emails] }] }
`;

describe("callgate test", () => {
  const run = (...names: string[]) =>
    testCommand(
      names.map((name) => join(dir, name)),
      out,
    );

  test("all as expected", async () => {
    write(
      "a.yaml",
      `${RULES}tests:\n  - { call: charge, args: { n: 9 }, expect: deny, rule: max, message: much }\n`,
    );
    write("b.yaml", 'version: "1"\n');
    expect(await run("a.yaml", "b.yaml")).toBe(0);
    expect(printed).toBe("a.yaml: 1 test passed\nb.yaml: no tests\n");
  });

  test("what went another way, where, and how", async () => {
    write(
      "a.yaml",
      `${RULES}tests:
  - { call: charge, args: { n: 9 }, expect: allow }
  - { name: said, call: charge, args: { n: 9 }, expect: deny, rule: pace, message: slow }
  - name: a burst
    calls:
      - { call: charge, args: { n: 1 }, times: 5 }
  - { name: asked, call: charge, args: { n: 4 }, expect: ask }
  - { name: yes, call: charge, args: { n: 4 }, approved: true, expect: allow }
  - { name: text, call: charge, args: { n: 1 }, result: to a@b.example, expect: redact, becomes: to nobody }
`,
    );
    expect(await run("a.yaml")).toBe(1);
    expect(printed).toBe(`a.yaml:12:5 charge {"n":9}
  - expected verdict allow
  + got verdict deny by "max" (a.yaml:6)
a.yaml:13:5 said
  charge {"n":9}
  - expected rule "pace"
  + got rule "max"
  - expected message ..."slow"...
  + got message "too much"
a.yaml:16:9 a burst
  call 4 of 5: charge {"n":1}
  - expected verdict allow
  + got verdict deny by "pace" (a.yaml:8)
a.yaml:19:5 text
  charge {"n":1}
  - expected result {"content":[{"type":"text","text":"to nobody"}]}
  + got result {"content":[{"type":"text","text":"to [redacted email]"}]}
4 of 6 tests failed
`);
  });

  test("each file alone, with what it includes, enforced", async () => {
    write(
      "a.yaml",
      `${RULES}include: [b.yaml]\nmode: shadow\ntests:\n  - { call: other, expect: deny, rule: none }\n`,
    );
    write(
      "b.yaml",
      'version: "1"\ntools: { "*": { rules: [{ name: none, action: deny }] } }\ntests: [{ call: x, expect: deny }]\n',
    );
    write("c.yaml", 'version: "1"\ntests: [{ call: other, expect: allow }]\n');
    expect(await run("a.yaml", "c.yaml")).toBe(0);
    expect(printed).toBe("a.yaml: 1 test passed\nb.yaml: 1 test passed\nc.yaml: 1 test passed\n");
  });

  test("a mistake in a file is told as check tells it", async () => {
    write("a.yaml", 'version: "1"\ntests: [{ call: x }]\n');
    expect(await run("a.yaml")).toBe(1);
    expect(printed).toBe(
      "a.yaml:2:9 expect is missing\n  help: allow, deny, ask, redact or replace\n1 problem in 1 file\n",
    );
  });
});

describe("callgate try", () => {
  const run = (args: string, more: Partial<RawTryOptions> = {}) => {
    write("a.yaml", RULES);
    const options: RawTryOptions = {
      config: [join(dir, "a.yaml")],
      server: "pay",
      agent: "a",
      session: "s",
      kind: "tool",
    };
    return tryCall("charge", args, { ...options, ...more }, out);
  };

  test("the decision, then each rule and each condition", async () => {
    expect(await run('{"n": 9}')).toBe(0);
    expect(printed).toBe(`DENY charge by "max" (a.yaml:6)
  too much
  ✗ deny  max  charge  a.yaml:6
      ✗ args.n lte 5, is 9
  ? ask   ask  charge  a.yaml:7
      ✓ when › args.n gt 3, is 9
  ✓ pass  pace  charge  a.yaml:8
      ✓ state.charge.rate_limit lte 3, is "1"
`);
  });

  test("the server is the first that the file is for; what nothing is about is told", async () => {
    write("p.yaml", RULES);
    const raw = { config: [join(dir, "p.yaml")], agent: "a", session: "s", kind: "tool" } as const;
    const tried = async (more: Partial<RawTryOptions>) => {
      printed = "";
      await tryCall("charge", '{"n": 1}', { ...raw, config: [...raw.config], ...more }, out);
      return printed;
    };
    expect(await tried({})).toMatch(/^ALLOW charge\n {2}✓ pass {2}max/);
    expect(await tried({ server: "bank" })).toBe(
      'ALLOW charge\n  no rule is for it\n  no file is for a server called "bank"\n',
    );
    expect(await tried({ counter: ["state.charge.rate_limt=3"] })).toContain(
      "\n  no rule for this call reads state.charge.rate_limt\n",
    );
  });

  test("what an allowed call adds, and what becomes of its result", async () => {
    await run('{"n": 1}', {
      counter: ["state.charge.rate_limit=1"],
      result: '{"content": [{"type": "text", "text": "to a@b.example"}]}',
    });
    expect(printed).toBe(`ALLOW charge
  ✓ pass  max  charge  a.yaml:6
      ✓ args.n lte 5, is 1
  - skip  ask  charge  a.yaml:7
      ✗ when › args.n gt 3, is 1
  ✓ pass  pace  charge  a.yaml:8
      ✓ state.charge.rate_limit lte 3, is "2"
  adds 1 to state.charge.rate_limit

REDACT its result by "no mail" (a.yaml:10)
  ✓ pass  no mail  charge  a.yaml:10
      took out email at content.0.text
  {"content":[{"type":"text","text":"to [redacted email]"}]}
`);
  });

  test("as JSON", async () => {
    await run('{"n": 4}', { json: true });
    expect(JSON.parse(printed)).toMatchObject({
      verdict: "ask",
      ask: { timeoutMs: 300_000 },
      counters: [],
      trace: [{ outcome: "pass" }, { outcome: "ask" }, { outcome: "pass" }],
    });
  });

  test("in colour, and nothing in an argument moves the cursor", async () => {
    write("a.yaml", RULES);
    const options: RawTryOptions = {
      config: [join(dir, "a.yaml")],
      server: "pay",
      agent: "a",
      session: "s",
      kind: "tool",
    };
    await tryCall("charge", '{"n": "\\u001b[2J"}', options, { ...out, color: true });
    expect(printed).toContain("\x1b[31mDENY\x1b[39m charge");
    expect(printed).not.toContain("\x1b[2J");
  });

  test.each([
    ["{", {}, "the arguments cannot be read as JSON"],
    ["[]", {}, "the arguments must be a JSON object"],
    ["{}", { at: "noon" }, '--at: "noon" is not a time'],
    ["{}", { counter: ["spend=5"] }, "--counter spend=5: write state.<tool>.<counter>=<amount>"],
    ["{}", { annotations: "1" }, "--annotations must be a JSON object"],
  ])("%s %j: a usage error", async (args, more, message) => {
    const error = await run(args, more).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(message);
  });
});
