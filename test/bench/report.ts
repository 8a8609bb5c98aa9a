import type { Measured, Plan } from "./harness.ts";
import { mean, median, percentile } from "./statistics.ts";
import type { Pair } from "./targets.ts";

const micros = (ms: number) => Math.round(ms * 1000);
const tenths = (value: number) => Math.round(value * 10) / 10;

export function table(results: readonly Measured[], { inFlight }: Plan): void {
  console.table(
    Object.fromEntries(
      results.map(({ target, alone, oneCpuP50s, crowded, rates, memory, starts, cpu }) => [
        target.name,
        {
          "p50 µs": micros(percentile(alone, 0.5)),
          "p99 µs": micros(percentile(alone, 0.99)),
          "p50 1 CPU": micros(median(oneCpuP50s)),
          [`p50 @${inFlight}`]: micros(percentile(crowded, 0.5)),
          [`p99 @${inFlight}`]: micros(percentile(crowded, 0.99)),
          [`calls/s @${inFlight}`]: Math.round(median(rates)),
          "CPU µs": Math.round(cpu.alone),
          [`CPU µs @${inFlight}`]: Math.round(cpu.crowded),
          "MiB warm": tenths(memory.warm),
          "MiB after": tenths(memory.after),
          "start ms": Math.round(median(starts)),
        },
      ]),
    ),
  );
}

/** What the gate costs beside what else could stand there, both over nothing in between. */
export function ratios([direct, other, callgate]: Measured[], bars: Pair["bars"]): void {
  if (direct === undefined || other === undefined || callgate === undefined) return;
  const atMost = bars === null ? "" : ` (at most ${bars.added})`;
  const atLeast = bars === null || bars.rate === null ? "" : ` (at least ${bars.rate})`;
  const rows: [string, number, number, string][] = [
    [
      "added p50 µs, one CPU",
      added(other, direct, "oneCpuP50s"),
      added(callgate, direct, "oneCpuP50s"),
      atMost,
    ],
    ["added p50 µs, free", added(other, direct, "p50s"), added(callgate, direct, "p50s"), atMost],
    ["calls/s", median(other.rates), median(callgate.rates), atLeast],
  ];
  for (const [what, others, ours, bar] of rows) {
    console.log(
      `${what}: ${other.target.name} ${Math.round(others)}, callgate ${Math.round(ours)}: ${times(ours / others)}${bar}`,
    );
  }
  const missed = bars !== null && rows.slice(0, 2).some(([, others, ours]) => ours / others > bars.added);
  if (missed) console.log(`  where it misses: ${bars.missed}`);
  const start = median(callgate.starts);
  const bare = median(callgate.bareStarts);
  console.log(
    `start to first answer: ${Math.round(start)} ms: ${times(start / bare)} node -e 0 (at most 5), which took ${Math.round(bare)} ms`,
  );
}

/** Round by round, since a busy machine moves all targets together; the mean, since free times have two humps. */
function added(result: Measured, direct: Measured, rounds: "p50s" | "oneCpuP50s"): number {
  return mean(result[rounds].map((p50, round) => (p50 - (direct[rounds][round] ?? Number.NaN)) * 1000));
}

const times = (ratio: number) => `${ratio.toFixed(2)}x`;
