/**
 * What deciding costs: `node test/bench/decide.ts [CALLS]`. Ten rules on the tool that is called, alone and beside 10,000
 * rules on other tools; counters are in memory and not part of it.
 */
import { compile } from "../../src/policy/compile/compile.ts";
import { decide, needs } from "../../src/policy/decide.ts";
import type { Policy } from "../../src/policy/plan.ts";
import { parse } from "../../src/policy/source/parse.ts";
import type { Call } from "../../src/policy/types.ts";
import { median } from "./statistics.ts";

const calls = Number(process.argv[2] ?? 200_000);
const ROUNDS = 15;
/** Highest ratio of the time beside 10,000 other rules to that of ten alone. */
const RATIO = 1.2;
/** Highest time of a decision that looks at no counter, in µs. */
const MICROS = 2;

const OWN = `
  create_charge:
    rules:
      - { name: max single charge, conditions: [{ path: args.amount, op: lte, value: 50000 }] }
      - { name: not nothing, conditions: [{ path: args.amount, op: gt, value: 0 }] }
      - { name: currencies, conditions: [{ path: args.currency, op: in, value: [usd, eur, gbp, chf] }] }
      - { name: not on the list, conditions: [{ path: args.customer, op: not_in, value: [cus_mallory, cus_eve] }] }
      - { name: ids, conditions: [{ path: args.customer, op: starts_with, value: cus_ }] }
      - { name: said why, conditions: [{ path: args.description, op: exists, value: true }] }
      - { name: no cash, conditions: [{ path: args.description, op: neq, value: cash }] }
      - { name: order named, conditions: [{ path: args.metadata.order, op: contains, value: A- }] }
      - { name: short, conditions: [{ path: args.description, op: length_lte, value: 200 }] }
      - { name: small, conditions: [{ path: args.amount, op: lte, value: 20000 }] }
`;
const others = Array.from({ length: 1_000 }, (_, tool) => {
  const key = tool % 10 === 0 ? `"other_${tool}_*"` : `other_${tool}`;
  const rules = Array.from(
    { length: 10 },
    (_, rule) => `{ name: r${rule}, conditions: [{ path: args.n, op: lte, value: ${rule} }] }`,
  );
  return `  ${key}: { rules: [${rules.join(", ")}] }\n`;
});

const ten = policyOf(OWN);
const many = policyOf(others.join("") + OWN);
const call: Call = {
  tool: "create_charge",
  args: {
    amount: 1250,
    currency: "usd",
    customer: "cus_ada",
    description: "Support hours, October",
    metadata: { order: "A-1041", seats: 3 },
  },
  upstream: "payments",
  agent: "bench",
  session: "s1",
  time: Date.parse("2026-03-02T09:00:00Z"),
};

const times: { alone: number[]; beside: number[] } = { alone: [], beside: [] };
for (let round = -2; round < ROUNDS; round++) {
  const alone = microsPerCall(ten);
  const beside = microsPerCall(many);
  if (round < 0) continue; // not yet compiled
  times.alone.push(alone);
  times.beside.push(beside);
}
const alone = median(times.alone);
// Round by round: a busy machine slows both down.
const ratio = median(times.beside.map((beside, round) => beside / (times.alone[round] ?? Number.NaN)));
console.log(`decide, ${ten.rules} rules of its own: ${alone.toFixed(2)} µs (at most ${MICROS})`);
console.log(`beside ${many.rules - ten.rules} rules on other tools: ${ratio.toFixed(2)}x (at most ${RATIO})`);

function policyOf(tools: string): Policy {
  const parsed = parse(`version: "1"\ntools:\n${tools}`, "policy.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems.slice(0, 3)));
  return compile([parsed.source]);
}

/** All that a gateway asks of a policy for a call, in time of the processor: other programs take none of it. */
function microsPerCall(policy: Policy): number {
  const before = new Map<string, bigint>();
  const start = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    if (needs(call, policy).length > 0) throw new Error("it has counters");
    if (decide(call, policy, before).verdict !== "allow") throw new Error("it was not allowed");
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}
