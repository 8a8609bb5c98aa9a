/** What Callgate costs: `npm run bench -- [--calls N] [--rounds N] [--starts N] [--only stdio] [--skip callgate]`. */
import { parseArgs } from "node:util";
import * as z from "zod";
import { bareNode, measure, type Plan } from "./harness.ts";
import { ratios, table } from "./report.ts";
import { median } from "./statistics.ts";
import { CALL, Workshop } from "./targets.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "20000" },
    rounds: { type: "string", default: "40" },
    starts: { type: "string", default: "15" },
    only: { type: "string" },
    skip: { type: "string", multiple: true, default: [] },
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
process.on("exit", () => workshop.close());
const pairs = workshop.pairs().filter((pair) => values.only === undefined || pair.name === values.only);
if (pairs.length === 0) throw new Error(`no pair "${values.only}"`);

const bare: number[] = [];
for (let start = 0; start < plan.starts; start++) bare.push(await bareNode());
console.log(`node -e 0: ${Math.round(median(bare))} ms`);

for (const { name, targets } of pairs) {
  console.log(`\n${name}: ${calls} calls in ${plan.rounds} rounds, 1 and ${plan.inFlight} in flight`);
  const wanted = targets.filter((target) => !values.skip.includes(target.name));
  const results = await measure(wanted, plan);
  table(results, plan);
  const [direct, relay, callgate] = results;
  if (direct && relay && callgate) ratios(direct, relay, callgate, median(bare));
  else if (targets.length < 3) console.log("callgate is not built: npm run build");
}
