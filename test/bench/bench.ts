/**
 * What Callgate costs:
 * `npm run bench -- [--calls N] [--rounds N] [--starts N] [--seconds N] [--only "stdio to stdio"|screen] [--soak]`.
 */
import { parseArgs } from "node:util";
import * as z from "zod";
import { measure, type Plan } from "./harness.ts";
import { ratios, table } from "./report.ts";
import { screen } from "./screen.ts";
import { soak } from "./soak.ts";
import { CALL, type Pair, Workshop } from "./targets.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "10000" },
    rounds: { type: "string", default: "20" },
    starts: { type: "string", default: "5" },
    seconds: { type: "string", default: "60" },
    only: { type: "string" },
    soak: { type: "boolean", default: false },
  },
});
const count = z.coerce.number().int().min(1);
const calls = count.parse(values.calls);
const plan: Plan = {
  body: CALL,
  calls,
  rounds: Math.min(count.parse(values.rounds), calls),
  starts: count.parse(values.starts),
  inFlight: 32,
};

const workshop = new Workshop();
try {
  const all = await workshop.pairs();
  const pairs = all.filter(({ name }) => values.only === undefined || name === values.only);
  const watched = values.only === undefined || values.only === "screen";
  if (pairs.length === 0 && !watched)
    throw new Error(`no pair "${values.only}": ${all.map(({ name }) => name).join(", ")}, screen`);
  if (values.soak) for (const pair of pairs) await soak(pair, plan);
  else {
    if (pairs.length > 0) await compare(pairs);
    if (watched) await screen(workshop, CALL, count.parse(values.seconds));
  }
} finally {
  await workshop.close();
}

async function compare(pairs: readonly Pair[]): Promise<void> {
  for (const { name, targets, share, bars } of pairs) {
    const of = { ...plan, calls: Math.max(plan.rounds, Math.round(plan.calls * share)) };
    console.log(`\n${name}: ${of.calls} calls in ${of.rounds} rounds, 1 and ${of.inFlight} in flight`);
    const results = await measure(targets, of);
    table(results, of);
    ratios(results, bars);
  }
}
