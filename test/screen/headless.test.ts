/** status, tail and ctl against real gateways. */
import { expect, it } from "vitest";
import { sandbox } from "../e2e/helpers.ts";

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
  expect((await run("ctl")).out).toMatch(/^approve ID +lets a held call go on$/m);

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
