/**
 * What Callgate costs: `npm run bench -- [--calls N] [--rounds N] [--starts N] [--only stdio]`.
 *
 * All targets of a pair run in one process tree and take turns, so that whatever else the machine does hits
 * them alike. Ratios compare what is added to a direct connection.
 */
import { parseArgs } from "node:util";
import * as z from "zod";
import type { Connection } from "./connection.ts";
import { bareNode, initialize, memory, percentile, rotated, run, startUp } from "./harness.ts";
import { CALL, type Pair, type Target, Workshop } from "./targets.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "20000" },
    rounds: { type: "string", default: "40" },
    starts: { type: "string", default: "15" },
    only: { type: "string" },
  },
});
const count = z.coerce.number().int().min(1);
const calls = count.parse(values.calls);
const rounds = Math.min(count.parse(values.rounds), calls);
const starts = count.parse(values.starts);

const WARM_UP = 2000;
const IN_FLIGHT = 32;

interface Result {
  target: Target;
  connection: Connection;
  alone: number[];
  /** p50 of each round with one in flight: what is compared with the same round of another target. */
  p50s: number[];
  crowded: number[];
  /** Calls/s of each round with IN_FLIGHT. */
  rates: number[];
  warmMemory: number;
  memory: number;
  starts: number[];
}

/** Measures a pair's targets, and meanwhile how long a bare Node takes. */
async function measure(pair: Pair, bare: number[]): Promise<Result[]> {
  const targets = [pair.direct, pair.relay, pair.callgate].filter((target) => target !== undefined);
  const results: Result[] = [];
  for (const target of targets) {
    const connection = target.open();
    await initialize(connection);
    await run(connection, CALL, WARM_UP, 1, []);
    await run(connection, CALL, WARM_UP, IN_FLIGHT, []);
    const warmMemory = memory(connection.pid);
    results.push({
      target,
      connection,
      alone: [],
      crowded: [],
      p50s: [],
      rates: [],
      warmMemory,
      memory: 0,
      starts: [],
    });
  }
  const share = Math.ceil(calls / rounds);
  for (let round = 0; round < rounds; round++) {
    for (const { connection, alone, p50s } of rotated(results, round)) {
      const ms: number[] = [];
      await run(connection, CALL, share, 1, ms);
      p50s.push(median(ms));
      alone.push(...ms);
    }
    for (const { connection, crowded, rates } of rotated(results, round)) {
      const ms = await run(connection, CALL, share, IN_FLIGHT, crowded);
      rates.push((share * 1000) / ms);
    }
  }
  for (const result of results) {
    result.memory = memory(result.connection.pid);
    await result.connection.close();
  }
  for (let start = 0; start < starts; start++) {
    bare.push(await bareNode());
    for (const result of rotated(results, start))
      result.starts.push(await startUp(() => result.target.open()));
  }
  return results;
}

const micros = (samples: readonly number[], at: number) => Math.round(percentile(samples, at) * 1000);
const median = (samples: readonly number[]) => percentile(samples, 0.5);

function report(pair: Pair, results: readonly Result[], bare: number): void {
  console.log(`\n${pair.name}: ${calls} calls in ${rounds} rounds, 1 and ${IN_FLIGHT} in flight\n`);
  console.table(
    Object.fromEntries(
      results.map(({ target, alone, crowded, rates, warmMemory, memory, starts }) => [
        target.name,
        {
          "p50 µs": micros(alone, 0.5),
          "p99 µs": micros(alone, 0.99),
          [`p50 µs @${IN_FLIGHT}`]: micros(crowded, 0.5),
          [`p99 µs @${IN_FLIGHT}`]: micros(crowded, 0.99),
          [`calls/s @${IN_FLIGHT}`]: Math.round(median(rates)),
          "MiB warm": Math.round(warmMemory * 10) / 10,
          "MiB after": Math.round(memory * 10) / 10,
          "start ms": Math.round(median(starts)),
        },
      ]),
    ),
  );
  console.log(`node -e 0: ${Math.round(bare)} ms`);
  ratios(results, bare);
}

/** `results` in the pair's order: direct, relay, callgate. */
function ratios([direct, relay, callgate]: readonly Result[], bare: number): void {
  if (!direct || !relay) return;
  // Round by round, since a busy machine moves all of them together.
  const added = ({ p50s }: Result) =>
    micros(
      p50s.map((p50, round) => p50 - (direct.p50s[round] ?? p50)),
      0.5,
    );
  console.log(`bare relay adds ${added(relay)} µs to p50`);
  if (!callgate) {
    console.log("callgate is not built: npm run build");
    return;
  }
  const over = (a: number, b: number) => (a / b).toFixed(2);
  console.log(
    `callgate adds ${added(callgate)} µs to p50: ${over(added(callgate), added(relay))}x the bare relay`,
  );
  console.log(`calls/s: ${over(median(callgate.rates), median(relay.rates))}x the bare relay`);
  console.log(`start to first answer: ${over(median(callgate.starts), bare)}x node -e 0`);
}

const workshop = new Workshop();
process.on("exit", () => workshop.close());
const pairs = [workshop.stdio()].filter((pair) => values.only === undefined || pair.name === values.only);
if (pairs.length === 0) throw new Error(`no pair "${values.only}"; there is: stdio`);
for (const pair of pairs) {
  const bare: number[] = [];
  report(pair, await measure(pair, bare), median(bare));
}
