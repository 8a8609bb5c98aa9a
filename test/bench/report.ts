import type { Measured, Plan } from "./harness.ts";
import { mean, median, percentile } from "./statistics.ts";

const micros = (ms: number) => Math.round(ms * 1000);
const tenths = (value: number) => Math.round(value * 10) / 10;

export function table(results: readonly Measured[], { inFlight }: Plan): void {
  console.table(
    Object.fromEntries(
      results.map(({ target, alone, oneCpuP50s, crowded, rates, memory, starts }) => [
        target.name,
        {
          "p50 µs": micros(percentile(alone, 0.5)),
          "p99 µs": micros(percentile(alone, 0.99)),
          "p50 1 CPU": micros(median(oneCpuP50s)),
          [`p50 @${inFlight}`]: micros(percentile(crowded, 0.5)),
          [`p99 @${inFlight}`]: micros(percentile(crowded, 0.99)),
          [`calls/s @${inFlight}`]: Math.round(median(rates)),
          "MiB warm": tenths(memory.warm),
          "MiB after": tenths(memory.after),
          "start ms": Math.round(median(starts)),
        },
      ]),
    ),
  );
}

/** What the gate costs beside the bare relay, both over a direct connection. */
export function ratios(direct: Measured, relay: Measured, callgate: Measured, bareNode: number): void {
  const rows: [string, number, number][] = [
    ["added p50 µs, one CPU", added(relay, direct, "oneCpuP50s"), added(callgate, direct, "oneCpuP50s")],
    ["added p50 µs, free", added(relay, direct, "p50s"), added(callgate, direct, "p50s")],
    ["calls/s", median(relay.rates), median(callgate.rates)],
  ];
  for (const [what, ofRelay, ofCallgate] of rows) {
    console.log(
      `${what}: relay ${Math.round(ofRelay)}, callgate ${Math.round(ofCallgate)}: ${times(ofCallgate / ofRelay)}`,
    );
  }
  const start = median(callgate.starts);
  console.log(
    `start to first answer: callgate ${Math.round(start)} ms: ${times(start / bareNode)} node -e 0`,
  );
}

/** Round by round, since a busy machine moves all targets together; the mean, since free times have two humps. */
function added(result: Measured, direct: Measured, rounds: "p50s" | "oneCpuP50s"): number {
  return mean(result[rounds].map((p50, round) => (p50 - (direct[rounds][round] ?? Number.NaN)) * 1000));
}

const times = (ratio: number) => `${ratio.toFixed(2)}x`;
