/** Deciding without doing: one call, a held one with other arguments, the last ones under other rules. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { connectGateway, type GatewayConnection } from "../../src/control/client.ts";
import { callDetail, type Event, snapshot, whatIfView } from "../../src/control/protocol.ts";
import { agentOver, counters, denied } from "./agents.ts";
import { type Sandbox, sandbox } from "./helpers.ts";

const POLICY = `version: "1"
tools:
  create_charge:
    rules:
      - name: cap
        conditions: [{ path: args.amount, op: lte, value: 1000 }]
      - name: spend
        conditions: [{ path: state.create_charge.spent, op: lte, value: 5000 }]
        state: { counter: spent, window: day, increment_from: args.amount }
      - name: look
        when: [{ path: args.amount, op: gt, value: 500 }]
        action: ask
`;

async function attached(policy = POLICY, before: (box: Sandbox) => void = () => {}) {
  const box = sandbox();
  before(box);
  const agent = await agentOver("stdio", box, { policy: box.policy(policy) });
  const dir = join(box.home, "run");
  await expect.poll(() => readdirSync(dir)).toHaveLength(1);
  const events: Event[] = [];
  const person = await connectGateway(join(dir, readdirSync(dir)[0] ?? ""), {
    snapshot() {},
    events: (some) => void events.push(...some),
    closed() {},
  });
  const charge = async (amount: number) => denied(await agent.call("create_charge", { amount }));
  return { box, person, charge, events };
}

const held = async (person: GatewayConnection) =>
  snapshot.parse(await person.command("snapshot")).holds.map(({ id }) => id);

it("try decides under the rules and counters of now, and nothing comes of it", async () => {
  const { box, person, charge } = await attached();
  expect(await charge(400)).toBeUndefined();
  const detail = async (line: string) => callDetail.parse(await person.command(line));
  expect(
    await detail('try create_charge {"amount": 100, "token": "sk_live_0123456789abcdef"}'),
  ).toMatchObject({
    call: { verdict: "allow", agent: "operator", arguments: expect.not.stringContaining("sk_live") },
    counters: [{ name: "create_charge.spent", before: "400", add: "100", after: "500" }],
  });
  expect(await detail('try echo-server/create_charge {"amount": 2000}')).toMatchObject({
    call: { verdict: "deny", rule: { name: "cap" } },
    trace: [{ outcome: "deny", conditions: [{ actual: 2000 }] }, {}, {}],
  });
  await person.command("block create_*");
  expect(await detail("try create_charge")).toMatchObject({ call: { rule: { name: "block create_*" } } });
  await person.command("unblock create_*");
  expect(counters(box)).toEqual({ "create_charge.spent": 400 });
  expect(snapshot.parse(await person.command("snapshot")).totals.calls).toBe(1);
  await expect(person.command("try")).rejects.toThrow("TOOL is missing: try TOOL [JSON]");
  person.close();
});

it("try-edit says what would become of a held call with other arguments, and it stays held", async () => {
  const { box, person, charge } = await attached();
  const answer = charge(600);
  await expect.poll(() => held(person)).toHaveLength(1);
  const [id = ""] = await held(person);
  const detail = async (json: string) => callDetail.parse(await person.command(`try-edit ${id} ${json}`));
  expect(await detail('{"amount": 2000}')).toMatchObject({
    call: { verdict: "deny", rule: { name: "cap" } },
  });
  // A person would have approved of it: the rule that asked is content.
  expect(await detail('{"amount": 700}')).toMatchObject({ call: { verdict: "allow" } });
  expect(counters(box)).toEqual({});
  expect(await held(person)).toEqual([id]);
  await person.command(`edit ${id} {"amount": 700}`);
  expect(await answer).toBeUndefined();
  await expect(person.command(`try-edit ${id} {}`)).rejects.toThrow(`No call ${id} is held`);
  person.close();
});

it("tells after a reload what the new rules would have made of the last calls", async () => {
  const { box, person, charge, events } = await attached();
  for (const amount of [100, 200, 300]) await charge(amount);
  expect(await charge(2000)).toContain("cap");
  const approved = charge(600);
  await expect.poll(() => held(person)).toHaveLength(1);
  await person.command(`approve ${(await held(person))[0]}`);
  await approved;
  await person.command("block *");
  await charge(1); // no rule has said anything of it
  box.policy(POLICY.replace("value: 1000", "value: 250"));
  const told = () => events.flatMap((event) => (event.type === "whatIf" ? [event.whatIf] : []));
  await expect.poll(told).toMatchObject([{ calls: 5, wouldDeny: 2, wouldAllow: 0, wouldAsk: 0, unknown: 0 }]);
  expect(told()[0]?.flips).toMatchObject([
    { call: { id: "3" }, from: "allow", to: "deny", rule: { name: "cap", line: 5 } },
    { call: { id: "5" }, from: "allow", to: "deny" },
  ]);
  // A counter that was not there counts from the first of these calls on; one that was stands as it stood.
  const draft = box.policy(
    POLICY.replace("value: 1000", "value: 3000").concat(
      '  "*": { rules: [{ name: pace, rate_limit: 3/day }] }\n',
    ),
    "draft.yaml",
  );
  expect(whatIfView.parse(await person.command(`whatif ${draft}`))).toMatchObject({
    calls: 5,
    wouldDeny: 1,
    wouldAsk: 0,
    flips: [{ call: { id: "5" }, from: "allow", to: "deny", rule: { name: "pace" } }],
  });
  expect(whatIfView.parse(await person.command("replay 3"))).toMatchObject({ calls: 2, wouldDeny: 1 });
  await expect(person.command("replay all")).rejects.toThrow("Expected replay, or replay and how many calls");
  await expect(person.command("whatif nowhere.yaml")).rejects.toThrow("is not there");
  box.policy("tools: 5\n", "draft.yaml");
  await expect(person.command(`whatif ${draft}`)).rejects.toThrow("draft.yaml:1:");
  expect(snapshot.parse(await person.command("snapshot")).whatIf).toMatchObject({ wouldDeny: 2 });
  person.close();
});

it("asks plugins as well, when one of them was saved", async () => {
  const plugin = (most: number) => `export default {
    name: "cap",
    onCall(call, ctx) {
      if (Number(call.args.amount) > ${most}) return ctx.deny("over ${most}");
    },
  };
`;
  const { box, person, charge, events } = await attached(
    'version: "1"\nplugins: [{ use: ./cap.ts }]\n',
    (box) => box.write("cap.ts", plugin(500)),
  );
  expect(await charge(100)).toBeUndefined();
  expect(await charge(300)).toBeUndefined();
  expect(await charge(600)).toContain("over 500");
  const tried = callDetail.parse(await person.command('try create_charge {"amount": 501}'));
  expect(tried.call).toMatchObject({ verdict: "deny", rule: { name: "cap" } });
  box.write("cap.ts", plugin(200));
  const told = () => events.flatMap((event) => (event.type === "whatIf" ? [event.whatIf] : []));
  await expect.poll(told, { timeout: 5_000 }).toMatchObject([{ calls: 3, wouldDeny: 1, wouldAllow: 0 }]);
  expect(told()[0]?.flips).toMatchObject([{ call: { id: "2" }, rule: { name: "cap" }, message: "over 200" }]);
  expect(snapshot.parse(await person.command("snapshot")).totals.calls).toBe(3);
  person.close();
});
