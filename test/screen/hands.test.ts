/** What a person does at the screen, by keys and commands: the built gateway, a real server, a real terminal. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { CALLGATE, NODE, type Peer, type Sandbox, sandbox } from "../e2e/helpers.ts";
import { TerminalUnderTest } from "./terminal.ts";

const POLICY = `version: "1"
tools: # what may be called
  create_charge:
    rules:
      - name: cap
        conditions: [{ path: args.amount, op: lte, value: 1000 }]
      - name: spend
        conditions: [{ path: state.create_charge.spent, op: lte, value: 5000 }]
        state: { counter: spent, window: day, increment_from: args.amount }
`;

let terminal: TerminalUnderTest | null = null;
afterEach(() => terminal?.kill());

async function start(): Promise<{ box: Sandbox; agent: Peer; screen: TerminalUnderTest }> {
  const box = sandbox();
  const agent = box.stdio({ policy: box.policy(POLICY) });
  await agent.initialize();
  await agent.call("create_charge", { amount: 300 });
  const screen = new TerminalUnderTest(120, 40, [NODE, CALLGATE, "watch"], box.env, box.dir);
  terminal = screen;
  await screen.until("following");
  await screen.until("create_charge");
  return { box, agent, screen };
}

const charge = (agent: Peer, amount: number) => agent.call("create_charge", { amount });
/** A key for a hold that has just come up is not taken. */
const look = () => new Promise((resolve) => setTimeout(resolve, 700));

it("holds by a filter, tries, calls, sets counters, and says what a saved policy would have changed", async () => {
  const { box, agent, screen } = await start();
  // The filter is completed, its mistake is underlined, and it shows in the header.
  screen.type(":hold arg.am\t500 tol:x");
  await screen.until("did you mean tool?");
  screen.type("\x7f\x7f\x7f\x7f\x7ftool:create_*\r");
  await screen.until(/holding arg\.amount>500/);
  const held = charge(agent, 600);
  await screen.until("? 1 HELD");
  await screen.until("An operator holds calls like arg.amount>500");
  await look();
  screen.type("a");
  expect((await held).result?.structuredContent).toEqual({ amount: 600 });
  screen.type(":resume\r");
  await screen.until("go on again");

  screen.type(':try create_charge {"amount": 2000}\r');
  await screen.until('would be denied by "cap"');
  await screen.until("actual 2000");
  screen.type("\x1b");
  await screen.until("following");

  // The last arguments are a tab away.
  screen.type(":call create_charge \t");
  await screen.until(':call create_charge {"amount":600}');
  screen.type("\r");
  await screen.until(/Call ─.*/);
  await screen.until("operator");
  await screen.until("amount: 600");
  screen.type("\x1b");
  await screen.until("following");
  screen.type(":set create_charge.sp\t4900\r");
  await screen.until("create_charge.spent is 4900; it was 1500");
  expect(JSON.stringify((await charge(agent, 200)).result)).toContain("spend");
  screen.type(":allow create_charge for 1m\r");
  await screen.until(/allowed create_charge \d+s/);
  expect((await charge(agent, 250)).result?.structuredContent).toEqual({ amount: 250 });
  await screen.until(/✓ let by +allow create_charge/);
  screen.type(":unallow create_charge\r");
  await screen.until("the policy decides on create_charge again");

  box.policy(POLICY.replace("value: 1000", "value: 500"));
  await screen.until("policy read again: 2 of the last 5 calls would now be denied");
  screen.type("i");
  await screen.until(/would be denied\s+2 .*create_charge/);
  expect(screen.text()).toContain("was allowed");
  screen.type("\x1b");
  await screen.until("following");
  expect(screen.text()).not.toContain("policy read again");
});

it("writes what was changed into the policy, after its difference was seen", async () => {
  const { box, agent, screen } = await start();
  screen.type(":block echo\r");
  await screen.until("blocked echo");
  screen.type(":write\r");
  await screen.until("write this to policy.yaml? y/n");
  expect(screen.text()).toContain("+       - { name: block echo, action: deny");
  screen.type("n");
  await screen.until("nothing was done");
  expect(readFileSync(join(box.dir, "policy.yaml"), "utf8")).toBe(POLICY);
  screen.type(":write\r");
  await screen.until("write this to policy.yaml? y/n");
  screen.type("y");
  await screen.until("policy.yaml says it now");
  await screen.until(() => !screen.text().includes("blocked echo"));
  expect(readFileSync(join(box.dir, "policy.yaml"), "utf8")).toContain("tools: # what may be called\n");
  expect(JSON.stringify((await agent.call("echo", {})).result)).toContain("An operator has blocked echo");
});

it("what was written into a file is taken back only where that file decides", async () => {
  const { box, agent, screen } = await start();
  const other = box.stdio({ policy: box.policy('version: "1"\n', "other.yaml") });
  const same = box.stdio({ policy: join(box.dir, "policy.yaml") });
  for (const each of [other, same]) await each.initialize();
  await screen.until("Gateways 3");
  screen.type(":block echo\r");
  await screen.until("3 of 3 gateways");
  screen.type(":write policy.yaml\r");
  await screen.until("write this to policy.yaml? y/n");
  screen.type("y");
  await screen.until(/policy.yaml says it now; for echo-server:\d+, which it is not for/);
  for (const each of [agent, same, other])
    expect(JSON.stringify((await each.call("echo", {})).result)).toContain("An operator has blocked echo");
  screen.type(":unblock echo\r");
  await screen.until("1 of 3 gateways");
});
