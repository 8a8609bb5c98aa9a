/** How it is measured; knows nothing of what. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Connection } from "./connection.ts";

const INITIALIZE =
  '"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},' +
  '"clientInfo":{"name":"bench","version":"1.0.0"}}';

export const initialize = (connection: Connection) =>
  new Promise<void>((resolve) => connection.request(INITIALIZE, resolve));

/** `calls` requests, never more than `inFlight` at once; pushes each one's ms and returns the whole's. */
export function run(connection: Connection, body: string, calls: number, inFlight: number, ms: number[]) {
  return new Promise<number>((resolve) => {
    const start = performance.now();
    let sent = 0;
    let answered = 0;
    const send = () => {
      sent++;
      const from = performance.now();
      connection.request(body, () => {
        const now = performance.now();
        ms.push(now - from);
        if (++answered === calls) resolve(now - start);
        else if (sent < calls) send();
      });
    };
    while (sent < Math.min(inFlight, calls)) send();
  });
}

/** From spawn to the answer to `initialize`, in ms. */
export async function startUp(open: () => Connection): Promise<number> {
  const from = performance.now();
  const connection = open();
  await initialize(connection);
  const took = performance.now() - from;
  await connection.close();
  return took;
}

/** The least a Node process takes, from spawn to exit, in ms. */
export async function bareNode(): Promise<number> {
  const from = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
  return performance.now() - from;
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

/** The value that a share of the samples does not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The list, begun at another place, so that no target is always the first of a round. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const from = by % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}
