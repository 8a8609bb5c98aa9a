/**
 * What a plugin's verdict costs beside a bare round trip to a forked process in the same run, alone and with 32 in
 * flight; and whether an isolate's memory stays flat: `node test/bench/plugins.ts [--calls N] [--rounds N]`.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import { loadPlugin } from "../../src/plugins/load.ts";
import type { LoadedPlugin } from "../../src/plugins/plugin.ts";
import { Supervisor } from "../../src/plugins/supervisor.ts";
import { pluginEntry } from "../../src/policy/schema/plugins.ts";
import type { Call } from "../../src/policy/types.ts";
import { LineDecoder } from "../../src/wire/framing.ts";
import { median, percentile } from "./statistics.ts";

const { values } = parseArgs({
  options: { calls: { type: "string", default: "20000" }, rounds: { type: "string", default: "20" } },
});
const count = z.coerce.number().int().min(1);
const rounds = count.parse(values.rounds);
const perRound = Math.ceil(count.parse(values.calls) / rounds);

const CALL: Call = {
  tool: "create_charge",
  args: { amount: 700, currency: "usd", customer: "cus_ada", description: "Two coffees and a cake" },
  upstream: "payments",
  agent: "bench",
  session: "s1",
  time: Date.UTC(2026, 6, 28, 12),
};

/** Times a piece of work that is done `n` times, `inFlight` at once; microseconds of each. */
async function time(work: () => Promise<unknown>, n: number, inFlight: number): Promise<number[]> {
  const samples: number[] = [];
  let left = n;
  const lane = async () => {
    while (left-- > 0) {
      const start = performance.now();
      await work();
      samples.push((performance.now() - start) * 1_000);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return samples;
}

function startEcho(line: string): { ask: () => Promise<void>; kill: () => void } {
  const child = spawn(process.execPath, [join(import.meta.dirname, "echo.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting: (() => void)[] = [];
  const lines = new LineDecoder({ onFrame: () => waiting.shift()?.(), onOversize: () => {} });
  child.stdout.on("data", (chunk: Buffer) => lines.push(chunk));
  const ask = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      child.stdin.write(line);
    });
  return { ask, kill: () => child.kill() };
}

async function plugin(
  supervisor: Supervisor,
  name: string,
  config: Record<string, string>,
): Promise<LoadedPlugin> {
  const folder = name === "nothing" ? import.meta.dirname : join(import.meta.dirname, "../../plugins");
  const file = join(folder, `${name}.ts`);
  const { plugin, problems } = await loadPlugin(supervisor, {
    ...pluginEntry.parse({ use: file, config }),
    folder: process.cwd(),
    timezone: "UTC",
  });
  if (plugin === null) throw new Error(JSON.stringify(problems));
  return plugin;
}

const rss = (pid: number | null) => {
  const [, kb = "0"] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kb) / 1_024;
};

const supervisor = new Supervisor();
const hours = await plugin(supervisor, "office-hours", { timezone: "Europe/London" });
const nothing = await plugin(supervisor, "nothing", {});
const intent = await plugin(supervisor, "intent", {});
const { tool, args, upstream: server, agent, session, time: now } = CALL;
const echo = startEcho(
  `1 onCall 1 100 ${JSON.stringify({ now, call: { tool, args, server, agent, session }, known: {} })}\n`,
);
const kinds = [
  { name: "bare round trip", work: () => echo.ask() },
  { name: "an idle plugin", work: () => nothing.onCall(CALL) },
  { name: "office-hours", work: () => hours.onCall(CALL) },
  { name: "intent", work: () => intent.onCall(CALL) },
];

for (const inFlight of [1, 32]) {
  const samples = kinds.map((): number[] => []);
  const elapsed = kinds.map((): number[] => []);
  for (const { work } of kinds) await time(work, 2_000, inFlight);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { work }] of kinds.entries()) {
      const start = performance.now();
      samples[i]?.push(...(await time(work, perRound, inFlight)));
      elapsed[i]?.push((performance.now() - start) / perRound);
    }
  }
  console.log(`\n${inFlight} in flight, ${perRound * rounds} calls each in ${rounds} rounds`);
  const bare = median(samples[0] ?? []);
  for (const [i, { name }] of kinds.entries()) {
    const own = samples[i] ?? [];
    const rate = Math.round(1_000 / median(elapsed[i] ?? []));
    console.log(
      `  ${name.padEnd(16)} p50 ${median(own).toFixed(1).padStart(7)} us  p99 ${percentile(own, 0.99).toFixed(1).padStart(7)} us  ${String(rate).padStart(6)}/s  ${(median(own) / bare).toFixed(2)}x`,
    );
  }
}

console.log("\nmemory of the host over 100,000 calls, in MB");
const sizes = [];
for (let i = 0; i <= 10; i++) {
  sizes.push(rss(supervisor.hostPid).toFixed(0));
  if (i < 10) await time(() => intent.onCall(CALL), 10_000, 32);
}
console.log(`  ${sizes.join(" ")}`);
echo.kill();
supervisor.close();
