/** How it is measured; knows nothing of what. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { onOneCpu } from "./affinity.ts";
import type { Connection } from "./connection.ts";
import { median } from "./statistics.ts";
import type { Target } from "./targets.ts";

export interface Plan {
  /** The call made, all of it after the id. */
  body: string;
  calls: number;
  rounds: number;
  inFlight: number;
  starts: number;
}

/** Times in ms. */
export interface Measured {
  target: Target;
  /** One call in flight. */
  alone: number[];
  /** p50 of each of those rounds: compared with the same round of another target. */
  p50s: number[];
  /** The same with everything on one CPU; empty where that cannot be had. */
  oneCpuP50s: number[];
  /** `plan.inFlight` calls in flight. */
  crowded: number[];
  /** Calls/s of each of those rounds. */
  rates: number[];
  /** MiB after the warm-up, and after all calls. */
  memory: { warm: number; after: number };
  /** From spawn to the answer to `initialize`. */
  starts: number[];
  /** The same from spawn to the end of a `node -e 0` beside each. */
  bareStarts: number[];
  /** CPU time of all the front process's threads for one call, in µs: the least that a busy machine can blur. */
  cpu: { alone: number; crowded: number };
}

const WARM_UP = 2000;

const INITIALIZE =
  '"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},' +
  '"clientInfo":{"name":"bench","version":"1.0.0"}}';

/** All targets, in turns, so that whatever else the machine does hits them alike. */
export async function measure(targets: readonly Target[], plan: Plan): Promise<Measured[]> {
  const results = targets.map((target): Measured => {
    const memory = { warm: Number.NaN, after: Number.NaN };
    return {
      target,
      alone: [],
      p50s: [],
      oneCpuP50s: [],
      crowded: [],
      rates: [],
      memory,
      starts: [],
      bareStarts: [],
      cpu: { alone: 0, crowded: 0 },
    };
  });
  await onOneCpu(() => session(results, plan, (all) => alone(all, plan, (of) => of.oneCpuP50s)));
  await session(results, plan, async (all) => {
    await alone(all, plan, (of) => of.p50s);
    await crowded(all, plan);
  });
  for (let start = 0; start < plan.starts; start++) {
    for (const { target, starts, bareStarts } of rotated(results, start)) {
      bareStarts.push(await bareNode());
      starts.push(await startUp(target));
    }
  }
  return results;
}

/** A bare `node -e 0`, from spawn to exit, in ms. */
async function bareNode(): Promise<number> {
  const from = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
  return performance.now() - from;
}

interface Open {
  connection: Connection;
  result: Measured;
}

/** Every target started, warmed up, used by `work` and ended. */
async function session(results: readonly Measured[], plan: Plan, work: (all: Open[]) => Promise<void>) {
  const all: Open[] = [];
  for (const result of results) {
    const connection = result.target.open();
    await initialize(connection);
    const warmUp = Math.min(WARM_UP, plan.calls);
    await run(connection, plan.body, warmUp, 1, []);
    await run(connection, plan.body, warmUp, plan.inFlight, []);
    result.memory.warm = memory(connection.pid);
    all.push({ connection, result });
  }
  await work(all);
  for (const { connection, result } of all) {
    result.memory.after = memory(connection.pid);
    await connection.close();
  }
}

async function alone(all: readonly Open[], plan: Plan, p50s: (of: Measured) => number[]): Promise<void> {
  for (let round = 0; round < plan.rounds; round++) {
    for (const { connection, result } of rotated(all, round)) {
      const times: number[] = [];
      const share = Math.ceil(plan.calls / plan.rounds);
      const before = cpuTime(connection.pid);
      await run(connection, plan.body, share, 1, times);
      p50s(result).push(median(times));
      if (p50s(result) !== result.p50s) continue;
      result.alone.push(...times);
      result.cpu.alone += (cpuTime(connection.pid) - before) / (share * plan.rounds);
    }
  }
}

async function crowded(all: readonly Open[], plan: Plan): Promise<void> {
  const share = Math.ceil(plan.calls / plan.rounds);
  for (let round = 0; round < plan.rounds; round++) {
    for (const { connection, result } of rotated(all, round)) {
      const before = cpuTime(connection.pid);
      const ms = await run(connection, plan.body, share, plan.inFlight, result.crowded);
      result.rates.push((share * 1000) / ms);
      result.cpu.crowded += (cpuTime(connection.pid) - before) / (share * plan.rounds);
    }
  }
}

/** `calls` requests, never more than `inFlight` at once; adds each one's time, returns the whole's. */
export function run(connection: Connection, body: string, calls: number, inFlight: number, times: number[]) {
  return new Promise<number>((resolve) => {
    const start = performance.now();
    let sent = 0;
    let answered = 0;
    const send = () => {
      sent++;
      const from = performance.now();
      connection.request(body, () => {
        const now = performance.now();
        times.push(now - from);
        if (++answered === calls) resolve(now - start);
        else if (sent < calls) send();
      });
    };
    while (sent < Math.min(inFlight, calls)) send();
  });
}

export const initialize = (connection: Connection) =>
  new Promise<void>((resolve) => connection.request(INITIALIZE, resolve));

async function startUp(target: Target): Promise<number> {
  const from = performance.now();
  const connection = target.open();
  await initialize(connection);
  const took = performance.now() - from;
  await connection.close();
  return took;
}

/** Resident memory of a process in MiB; NaN where there is no /proc. */
export function memory(pid: number): number {
  try {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kib) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** CPU time that a process has taken with all its threads, in µs; NaN where there is no /proc. */
function cpuTime(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanos = threads.map(
      (tid) => readFileSync(`/proc/${pid}/task/${tid}/schedstat`, "utf8").split(" ")[0],
    );
    return nanos.reduce((sum, text) => sum + Number(text), 0) / 1000;
  } catch {
    return Number.NaN;
  }
}

/** The list begun at another place, so that no target is always the first of a round. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const from = by % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}
