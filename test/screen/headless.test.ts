/** status, tail and ctl against real gateways. */
import { afterAll, describe, expect, it } from "vitest";
import { Sandbox, sandbox } from "../e2e/helpers.ts";

/** One that several tests use. */
function sandboxForAll(): () => Sandbox {
  const box = new Sandbox();
  afterAll(() => box.dispose());
  return () => box;
}

const POLICY = `version: "1"
tools:
  create_charge:
    rules:
      - { name: small, conditions: [{ path: args.amount, op: lte, value: 1000 }] }
      - { name: a person looks, when: [{ path: args.amount, op: gt, value: 500 }], action: ask, timeout: 1m }
`;

it("show and do what the screen shows and does", async () => {
  const box = sandbox();
  const run = async (...args: string[]) => {
    const peer = box.callgate(...args);
    const { code } = await peer.end();
    return { code, out: peer.lines.join("\n"), err: peer.stderr };
  };
  expect(await run("status")).toMatchObject({
    code: 1,
    err: expect.stringContaining("no gateway is running"),
  });
  expect(JSON.parse((await run("status", "--json")).out)).toEqual({ gateways: [] });

  const agent = box.stdio({ policy: box.policy(POLICY), args: ["--name", "pay"] });
  await agent.initialize();
  const charge = (amount: number) => agent.call("create_charge", { amount });
  await charge(100);
  await charge(2_000);
  const tail = box.callgate("tail", "tool:create_*", "-n", "5", "--json");
  await tail.until(() => tail.lines[1], "two calls");
  const held = charge(600);
  await tail.until(() => tail.lines[2], "the held one");
  expect(tail.lines.map((line) => JSON.parse(line).verdict)).toEqual(["allow", "deny", "ask"]);

  const { out } = await run("status");
  expect(out).toMatch(/^pay \(pid \d+, stdio\)/);
  expect(out).toContain("1 allowed, 1 denied, 1 held");
  expect(out).toContain("denies   1x small (policy.yaml:5)");
  const { gateways } = JSON.parse((await run("status", "--json")).out);
  expect(gateways).toMatchObject([{ gateway: { transport: "stdio" }, holds: [{ id: "3" }] }]);

  expect((await run("ctl", "why", "2")).out).toMatch(
    /DENY.*small[\s\S]*✗ args.amount lte 1000 {3}actual 2000/,
  );
  expect(await run("ctl", "edit", "3", '{"amount": 501}')).toMatchObject({ code: 0, err: "" });
  expect((await held).result?.structuredContent).toEqual({ amount: 501 });
  expect(await run("ctl", "approve", "3")).toMatchObject({ code: 1, err: "callgate: No call 3 is held.\n" });
  const both = [charge(600), charge(601)];
  await tail.until(() => tail.lines.find((line) => line.includes("601")), "another held one");
  expect(await run("ctl", "approve", "all")).toMatchObject({ code: 0, out: "approved 2 calls" });
  await Promise.all(both);
  expect(await run("ctl", "deny", "all", "no")).toMatchObject({
    code: 1,
    err: "callgate: no call is held\n",
  });

  expect((await run("ctl", "kill")).out).toContain("every call is denied");
  expect(JSON.stringify((await charge(1)).result)).toContain("An operator has stopped all calls");
  expect((await run("status")).out).toContain("KILLED");
  expect((await run("ctl", "unkill")).code).toBe(0);
  expect((await charge(1)).result?.isError).toBeUndefined();
  box.policy("version: 2");
  expect((await run("ctl", "reload")).err).toContain("policy.yaml:1:");

  const again = await run("ctl", "--json", "--gateway", "pay", "block", "echo");
  expect(JSON.parse(again.out)).toMatchObject({ result: "echo is blocked until unblock" });
  expect(await run("ctl", "--gateway", "other", "kill")).toMatchObject({
    code: 1,
    err: expect.stringContaining("no gateway is called other"),
  });
  box.policy(POLICY);
  expect((await run("ctl", "reload")).err).toBe("");
  expect((await run("ctl", "try", "create_charge", '{"amount": 2000}')).out).toMatch(
    /would be denied by "small"[\s\S]*nothing was counted/,
  );
  expect((await run("ctl", "replay")).out).toContain("none of the last");
  const shown = await run("ctl", "write");
  expect(shown.out).toContain(
    "+       - { name: block echo, action: deny, on_deny: An operator has blocked echo }",
  );
  const [, token = ""] = /ctl write yes (\S+) writes it/.exec(shown.out) ?? [];
  expect((await run("ctl", "write", "yes", token)).out).toContain("policy.yaml says it now");
  expect((await run("ctl")).out).toMatch(/^approve ID\|all +lets a held call go on/m);

  expect(await run("ctl", "explode")).toMatchObject({
    code: 2,
    err: expect.stringContaining("expected one of approve ID"),
  });
  expect(await run("tail", "tol:x")).toMatchObject({
    code: 2,
    err: expect.stringContaining("  tol:x\n  ^^^"),
  });
  await agent.end();
  expect((await tail.exited).code).toBe(0);
});

describe("tail", () => {
  const box = sandboxForAll();
  const tail = async (...args: string[]) => {
    const peer = box().callgate("tail", ...args);
    const { code } = await peer.end();
    return { code, lines: peer.lines, err: peer.stderr };
  };

  it("has the last calls of gateways that are gone, and says by its status that none runs", async () => {
    const agent = box().stdio({ policy: box().policy(POLICY), args: ["--name", "pay"] });
    await agent.initialize();
    for (let n = 1; n <= 30; n++) await agent.call("create_charge", { amount: n === 3 ? 9_999 : n });
    await agent.end();
    const last = await tail("-n", "2");
    expect(last).toMatchObject({ code: 1, err: expect.stringContaining("no gateway is running") });
    expect(last.lines).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} allow pay\/create_charge \{"amount":29\} \d/),
      expect.stringMatching(/"amount":30/),
    ]);
    const denied = await tail("--no-follow", "--json", "verdict:deny");
    expect(denied).toMatchObject({ code: 0, err: "" });
    expect(denied.lines.map((line) => JSON.parse(line).arguments)).toEqual(['{"amount":9999}']);
    expect(await tail("--no-follow", "arg.amount>10000")).toMatchObject({ code: 1, lines: [] });
    expect(await tail("--no-follow", "-n", "0")).toMatchObject({ code: 1, lines: [] });
  });

  it("follows gateways that come and go, each call once", async () => {
    const agent = box().stdio({ policy: box().policy(POLICY), args: ["--name", "pay"] });
    await agent.initialize();
    await agent.call("create_charge", { amount: 41 });
    const brief = box().callgate("tail", "-n", "1", "--json");
    const long = box().callgate("tail", "-n", "1", "--json", "--follow");
    await Promise.all([brief, long].map((each) => each.until(() => each.lines[0], "the last")));
    await agent.call("create_charge", { amount: 42 });
    await brief.until(() => brief.lines[1], "the next");
    await agent.end();
    expect((await brief.exited).code).toBe(0); // Nothing is left to be followed.

    const late = box().stdio({ policy: box().policy(POLICY), args: ["--name", "late"] });
    await late.initialize();
    await late.call("create_charge", { amount: 43 });
    await long.until(() => long.lines[2], "that of the late one");
    expect((await long.kill("SIGTERM")).code).toBe(0);
    const amounts = (lines: string[]) => lines.map((line) => JSON.parse(JSON.parse(line).arguments).amount);
    expect([amounts(brief.lines), amounts(long.lines)]).toEqual([
      [41, 42],
      [41, 42, 43],
    ]);
  });

  it("ends when nobody reads it any more", async () => {
    const agent = box().stdio({ policy: box().policy(POLICY), args: ["--name", "pay"] });
    await agent.initialize();
    const peer = box().callgate("tail", "--follow", "-n", "1");
    await peer.until(() => peer.lines[0], "the last");
    peer.child.stdout?.destroy();
    for (let n = 0; !peer.ended && n < 50; n++) {
      await agent.call("create_charge", { amount: 1 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await peer.exited).code).toBe(0);
    expect(peer.stderr).toBe("");
  });
});

it("status names counters near their limit and what is wrong with a policy", async () => {
  const box = sandbox();
  const policy = (limit: number) =>
    `version: "1"\ntools:\n  echo:\n    rules: [{ name: pace, rate_limit: ${limit}/hour }]\n`;
  const agent = box.stdio({ policy: box.policy(policy(5)) });
  await agent.initialize();
  for (let n = 0; n < 6; n++) await agent.call("echo", { text: "x" });
  box.policy(policy(5).replace("rate_limit", "rate_limt"));
  const peer = () => box.callgate("status");
  await expect
    .poll(async () => {
      const one = peer();
      await one.end();
      return one.lines.join("\n");
    })
    .toMatch(/ {2}PROBLEM {2}policy.yaml:4:\d+ .*; the last good policy decides/);
  const one = peer();
  await one.end();
  expect(one.lines.join("\n")).toMatch(/ {2}counter {2}echo\.\S+: 5 of 5 per hour, resets \d{4}-/);
  expect(one.lines.join("\n")).toContain("denies   1x pace (policy.yaml:4)");
});
