import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { replay } from "../../src/commands/replay.ts";
import { policyOf, rules } from "../policy/helpers.ts";
import { scratch } from "../state/scratch.ts";
import { Play, replayed, type Step } from "./play.ts";

const ALLOWING = rules("{ name: fine, rate_limit: 1000/minute }");
const CAP = `{ name: cap, conditions: [{ path: state.t.spend, op: lte, value: 100 }], state: { counter: spend, window: day, increment_from: args.n } }`;

function step(args: string, more: Partial<Step> = {}): Step {
  const call = { tool: "t", agent: "claude", session: "s1", upstream: "up" };
  return { after: 10, call, args, bytes: 100, person: "yes", ending: "ok", ...more };
}

/** The logs of a gateway with a policy, which has been sent calls. */
function logged(policy: string, steps: readonly Step[], shadow = false): string[] {
  const dir = scratch();
  const play = new Play(dir, policyOf(policy), shadow);
  for (const each of steps) play.step(each);
  play.close();
  return readdirSync(dir).map((name) => join(dir, name));
}

const said = async (files: readonly string[], policy: string) => {
  const { calls, flips, undecidable } = await replayed(policyOf(policy), ...files);
  const groups = flips.map(({ from, to, rule, count }) => `${from} -> ${to} by ${rule?.name} x${count}`);
  return { calls, groups, undecidable };
};

test("flips by rule, both ways, with counters from the start of the log", async () => {
  const files = logged(
    rules(CAP),
    ["60", "40", "1", "1"].map((n) => step(`{"n": ${n}}`)),
  );
  expect(await said(files, rules(CAP.replace("100", "60")))).toEqual({
    calls: 4,
    groups: ["allow -> deny by cap x1"],
    undecidable: 0,
  });
  expect((await said(files, rules(CAP.replace("100", "101")))).groups).toEqual(["deny -> allow by cap x1"]);
  expect((await said(files, rules("{ name: look, action: ask }"))).groups).toEqual([
    "allow -> ask by look x2",
    "deny -> ask by look x2",
  ]);
});

test("examples show the call, and what the agent would be told", async () => {
  const files = logged(
    ALLOWING,
    [1, 2, 3, 4].map((n) => step(`{"n": ${n}}`)),
  );
  const { flips } = await replayed(
    policyOf(rules("{ name: no, action: deny, on_deny: Not today }")),
    ...files,
  );
  expect(flips[0]?.count).toBe(4);
  expect(flips[0]?.examples).toHaveLength(3);
  expect(flips[0]?.examples[0]).toMatchObject({
    gateway: "gw",
    call: "1",
    tool: "t",
    agent: "claude",
    arguments: { n: 1 },
    message: "Not today",
  });
});

test("what an error gave back counts no more, and an isError result where the policy says so", async () => {
  const steps = [
    step('{"n": 60}', { ending: "error" }),
    step('{"n": 60}', { ending: "tool_error" }),
    step('{"n": 60}'),
  ];
  const files = logged(rules(CAP), steps);
  expect((await said(files, rules(CAP))).groups).toEqual([]);
  const refunding = CAP.replace("increment_from", "on_error: refund, increment_from");
  expect((await said(files, rules(refunding))).groups).toEqual(["deny -> allow by cap x1"]);
});

test("an approved call is one call, and asks no more where nothing asks", async () => {
  const asks = rules("{ name: look, action: ask }", CAP);
  const steps = [
    step('{"n": 20}'),
    step('{"n": 70}', { person: { n: 5 } }),
    step('{"n": 20}', { person: "no" }),
  ];
  const files = logged(asks, steps);
  expect(await said(files, asks)).toEqual({ calls: 3, groups: [], undecidable: 0 });
  expect((await said(files, rules(CAP))).groups).toEqual([
    "ask -> allow by look x2",
    "ask -> deny by cap x1",
  ]);
});

test("arguments that were masked or only hashed are not guessed at, but only where a rule looks", async () => {
  const steps = [
    step('{"n": 1, "password": "x"}'),
    step('{"n": 2, "note": "key sk_live_0123456789abcdef"}'),
    step('{"n": 3}', { bytes: 100_000 }),
    step('{"n": 4}'),
  ];
  const files = logged(ALLOWING, steps);
  const looksAt = (path: string, value = "3") =>
    rules(`{ name: r, conditions: [{ path: ${path}, op: neq, value: ${value} }] }`);
  expect(await said(files, looksAt("args.n"))).toMatchObject({ undecidable: 1, groups: [] });
  expect(await said(files, looksAt("args.password"))).toMatchObject({ undecidable: 2 });
  expect(await said(files, looksAt("tool.name", "x"))).toMatchObject({ undecidable: 0, groups: [] });
  expect(await said(files, rules("{ name: r, action: deny }"))).toMatchObject({
    undecidable: 0,
    groups: ["allow -> deny by r x4"],
  });
});

test("a call that cannot be decided counts as it was recorded", async () => {
  const files = logged(rules(CAP), [
    step('{"n": 70}', { bytes: 100_000 }),
    step('{"n": 40}'),
    step('{"n": 30}'),
  ]);
  expect(await said(files, rules(CAP))).toEqual({ calls: 3, groups: [], undecidable: 1 });
});

test("with --shadow, what would have been is what flips", async () => {
  const files = logged(rules(CAP), [step('{"n": 70}'), step('{"n": 70}')], true);
  expect((await said(files, rules(CAP))).groups).toEqual([]);
  expect((await said(files, rules(CAP.replace("100", "150")))).groups).toEqual(["deny -> allow by cap x1"]);
});

test("the command: text, JSON, and lines that are no records", async () => {
  const [file = ""] = logged(rules(CAP), [step('{"n": 60}'), step('{"n": 60}')]);
  const dir = scratch();
  const policy = join(dir, "p.yaml");
  writeFileSync(policy, rules("{ name: no, action: deny, on_deny: Not today }"));
  const run = async (paths: string[], json = false) => {
    let text = "";
    const write = (more: string) => {
      text += more;
    };
    return { code: await replay(paths, { config: [policy], json }, { write }), text };
  };
  const plain = await run([file]);
  expect(plain.code).toBe(0);
  expect(plain.text).toContain(`allow -> deny by no (${policy}:5): 1 call\n`);
  expect(plain.text).toContain('#1 up/t {"n":60} by claude: Not today\n');
  expect(plain.text).toMatch(/2 calls: 1 as recorded, 1 another way\n$/);
  expect(JSON.parse((await run([file], true)).text)).toMatchObject({ calls: 2, flipped: 1, unreadable: [] });
  const broken = join(dir, "2026-01-01-x.jsonl");
  writeFileSync(broken, "nonsense\n");
  expect(await run([broken])).toMatchObject({
    code: 1,
    text: expect.stringContaining(`${broken}:1 is no record`),
  });
  await expect(run([join(dir, "none")])).rejects.toThrow("there is no audit log");
});

test("what an operator let through counted, and what they held was asked by no policy", async () => {
  const dir = scratch();
  const play = new Play(dir, policyOf(rules(CAP)));
  play.operator.hold("arg.n<5");
  play.step(step('{"n": 1}'));
  play.step(step('{"n": 2}', { person: "no" }));
  play.operator.resume("");
  play.operator.allow("t");
  play.step(step('{"n": 150}'));
  play.operator.unallow("t");
  play.step(step('{"n": 1}'));
  play.close();
  const files = readdirSync(dir).map((name) => join(dir, name));
  expect(await said(files, rules(CAP))).toEqual({ calls: 4, groups: [], undecidable: 0 });
  expect((await said(files, rules(CAP.replace("100", "200")))).groups).toEqual([
    "deny -> allow by cap x1",
    "deny -> allow by cap x1",
  ]);
});

describe("answers", () => {
  const results = (rule: string) => `${ALLOWING}results: { t: { rules: [${rule}] } }\n`;
  const told = async (files: readonly string[], policy: string) => {
    const { flips, results } = await replayed(policyOf(policy), ...files);
    expect(flips).toEqual([]);
    const groups = results.flips.map(
      ({ from, to, rule, count }) => `${from} -> ${to} by ${rule?.name} x${count}`,
    );
    return { ...results, flips: groups };
  };
  const LONG = step('{"n": 1}', { says: "x".repeat(500) });
  const SHORT = step('{"n": 2}', { says: "ada@example.com" });

  test("are judged again by their size, and by what the call was", async () => {
    const files = logged(ALLOWING, [LONG, SHORT]);
    expect(await told(files, ALLOWING)).toEqual({ judged: 0, flipped: 0, undecidable: 0, flips: [] });
    expect(await told(files, results("{ name: size, max_bytes: 300 }"))).toEqual({
      judged: 2,
      flipped: 1,
      undecidable: 0,
      flips: ["allow -> deny by size x1"],
    });
    const two = "{ name: two, action: deny, conditions: [{ path: args.n, op: eq, value: 2 }] }";
    expect((await told(files, results(two))).flips).toEqual(["allow -> deny by two x1"]);
  });

  test("cannot be where a rule would have to look into them, but for what another one denies", async () => {
    const files = logged(ALLOWING, [LONG, SHORT]);
    const redact = "{ name: mail, redact: [emails] }";
    expect(await told(files, results(redact))).toEqual({ judged: 2, flipped: 0, undecidable: 2, flips: [] });
    expect(await told(files, results(`${redact}, { name: size, max_bytes: 300 }`))).toMatchObject({
      flipped: 1,
      undecidable: 1,
    });
  });

  test("that were denied or redacted are handed on where no rule is about them any more", async () => {
    const files = logged(results("{ name: mail, redact: [emails] }, { name: size, max_bytes: 300 }"), [
      LONG,
      SHORT,
    ]);
    expect((await told(files, ALLOWING)).flips).toEqual([
      "deny -> allow by size x1",
      "redact -> allow by mail x1",
    ]);
  });

  test("are told of in words", async () => {
    const files = logged(ALLOWING, [LONG, SHORT]);
    const file = join(scratch(), "p.yaml");
    writeFileSync(file, results("{ name: mail, redact: [emails] }, { name: size, max_bytes: 300 }"));
    let printed = "";
    await replay(files, { config: [file] }, { write: (text) => (printed += text) });
    expect(printed).toMatch(/^answer allow -> deny by size \(.*p.yaml:\d+\): 1 answer$/m);
    expect(printed).toContain(
      "2 answers with rules about it: 0 as recorded, 1 another way\n1 answer cannot be decided:",
    );
  });
});
