import { describe, expect, it } from "vitest";
import { agentOver, counters, denied, onHttp, type RawAgent, WAYS } from "./agents.ts";
import { type Sandbox, SEED, sandbox } from "./helpers.ts";

const SINGLE = "Single charge cannot exceed $500.00";
const DAILY = "Daily spending cap of $10,000.00 reached";

const charge = (agent: RawAgent, amount: number) => agent.call("create_charge", { amount });

async function spendItAll(agent: RawAgent): Promise<void> {
  for (let i = 0; i < 20; i++) expect(denied(await charge(agent, 50_000))).toBeUndefined();
}

/** How many of these calls at once came through. */
async function passed(calls: Promise<unknown>[]): Promise<number> {
  const answers = await Promise.all(calls);
  return answers.filter((answer) => denied(answer as never) === undefined).length;
}

describe.each(WAYS)("the policy of the issue over %s", (way) => {
  const start = (box: Sandbox) => agentOver(way, box, { policy: box.policy(SEED) });

  it("caps a single charge, and what was denied never reaches the server", async () => {
    const box = sandbox();
    const agent = await start(box);
    expect((await charge(agent, 50_000)).result?.structuredContent).toEqual({ amount: 50_000 });
    expect(denied(await charge(agent, 50_001))).toBe(SINGLE);
    expect(box.received().filter((line) => line.includes("50001"))).toEqual([]);
    expect(counters(box)).toEqual({ "create_charge.daily_spend": 50_000 });
  });

  it("caps the day, through a restart", async () => {
    const box = sandbox();
    const agent = await start(box);
    await spendItAll(agent);
    expect(denied(await charge(agent, 1))).toBe(DAILY);
    expect(denied(await charge(await start(box), 1))).toBe(DAILY);
    await agent.gateway.kill();
    expect(denied(await charge(await start(box), 1))).toBe(DAILY);
    expect(counters(box)).toEqual({ "create_charge.daily_spend": 1_000_000 });
  });

  it("caps the day through a gateway that was killed", async () => {
    const box = sandbox();
    const agent = await start(box);
    await spendItAll(agent);
    await agent.gateway.kill("SIGKILL");
    expect(denied(await charge(await start(box), 1))).toBe(DAILY);
  });

  it("lets two gateways that are hammered at once spend no more than one", async () => {
    const box = sandbox();
    const gateways = await Promise.all([start(box), start(box)]);
    const calls = gateways.flatMap((agent) => Array.from({ length: 60 }, () => charge(agent, 12_500)));
    expect(await passed(calls)).toBe(80);
    expect(counters(box)).toEqual({ "create_charge.daily_spend": 1_000_000 });
    expect(box.received().filter((line) => line.includes("create_charge"))).toHaveLength(80);
  });

  it("answers a denial as a tool result that says who refused", async () => {
    const box = sandbox();
    const agent = await start(box);
    const answer = await charge(agent, 50_001);
    expect(answer).toEqual({
      jsonrpc: "2.0",
      id: answer.id,
      result: { content: [{ type: "text", text: `[CALLGATE POLICY DENIED] ${SINGLE}` }], isError: true },
    });
  });
});

it("counts stdio and HTTP agents of one server together", async () => {
  const box = sandbox();
  const policy = box.policy(SEED);
  const overHttp = await agentOver("serve", box, { policy });
  const overStdio = await agentOver("stdio", box, { policy });
  expect(
    await passed([overHttp, overStdio].flatMap((a) => Array.from({ length: 30 }, () => charge(a, 25_000)))),
  ).toBe(40);
});

it("counts all sessions of an HTTP gateway together", async () => {
  const box = sandbox();
  const { url, gateway } = await box.serve({ policy: box.policy(SEED) });
  const agents = await Promise.all([onHttp(url, gateway), onHttp(url, gateway), onHttp(url, gateway)]);
  expect(await passed(agents.flatMap((a) => Array.from({ length: 20 }, () => charge(a, 25_000))))).toBe(40);
});
