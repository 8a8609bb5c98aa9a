import { describe, expect, it } from "vitest";
import { agentOver, counters, denied, WAYS } from "./agents.ts";
import { SEED, sandbox } from "./helpers.ts";

const SMALL_CAP = SEED.replace("value: 1000000", "value: 1");

/** Arguments as an agent may send them, and what the denial must say. */
const BAD: readonly (readonly [string, RegExp])[] = [
  ['{"amount":-5}', /args\.amount is -5, and amounts must not be negative/],
  ['{"amount":-0.01}', /must not be negative/],
  ['{"amount":"NaN"}', /args\.amount is "NaN"/],
  ['{"amount":"5"}', /args\.amount is "5"/],
  ['{"amount":""}', /args\.amount is ""/],
  ["{}", /args\.amount is missing/],
  ['{"Amount":5}', /args\.amount/],
  ['{"amount":null}', /args\.amount is null/],
  ['{"amount":[5]}', /args\.amount is an array/],
  ['{"amount":{"value":5}}', /args\.amount is an object/],
  ['{"amount":true}', /args\.amount is true/],
  ['{"amount":1e400}', /args\.amount is 1e400/],
  ['{"amount":-1e400}', /args\.amount is -1e400/],
  ['{"amount":99999999999999999999999999999999}', /Single charge|args\.amount is 9+/],
  ['{"amount":0.0000001}', /at most 6 decimal places/],
];

describe.each(WAYS)("over %s", (way) => {
  it("denies an amount that is none, says so, and counts nothing", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(SEED) });
    for (const [args, says] of BAD) {
      expect(denied(await agent.call("create_charge", args)), args).toMatch(says);
    }
    expect(counters(box)).toEqual({});
    expect(box.received().filter((line) => line.includes("create_charge"))).toEqual([]);
  });

  it("refuses arguments that are no JSON object", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(SEED) });
    for (const args of ["[5]", "5", '"5"', "null"]) {
      expect((await agent.call("create_charge", args)).error?.code, args).toBe(-32602);
    }
    expect(counters(box)).toEqual({});
    expect(box.received().filter((line) => line.includes("create_charge"))).toEqual([]);
  });

  it("adds up decimals exactly", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(SMALL_CAP) });
    for (let i = 0; i < 100; i++) {
      expect(denied(await agent.call("create_charge", { amount: 0.01 })), String(i)).toBeUndefined();
    }
    expect(counters(box)).toEqual({ "create_charge.daily_spend": 1 });
    expect(denied(await agent.call("create_charge", { amount: 0.000001 }))).toMatch(/^Daily spending cap/);
  });
});

it("lets the digits that were judged through as they were written", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(SEED) });
  for (const amount of ["50000.0", "5E+4", "49999.990000", "1e0"]) {
    expect(denied(await agent.call("create_charge", `{"amount":${amount}}`)), amount).toBeUndefined();
    expect(box.received().at(-1)).toContain(`{"amount":${amount}}`);
  }
  expect(counters(box)).toEqual({ "create_charge.daily_spend": 150_000.99 });
});
