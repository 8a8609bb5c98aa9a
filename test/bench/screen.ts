/** What the screen costs beside a gateway under 1,000 calls a second: itself, and the calls. */
import { spawn as startProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { spawn } from "@lydell/node-pty";
import type { Connection } from "./connection.ts";
import { initialize, memory } from "./harness.ts";
import { percentile } from "./statistics.ts";
import type { Workshop } from "./targets.ts";

const CALLS_A_SECOND = 1_000;
/** Calls are sent in bunches, this many ms apart: no timer is finer. */
const BUNCH_MS = 5;
/** Seconds of calls without a screen, before and after. */
const HEADLESS = 20;
/** Seconds until the screen's memory is what it will stay. */
const WARM = 10;
/** How often its memory is looked at: it should settle, and then stay. */
const SAMPLE_MS = 10_000;
const SIZE = { cols: 200, rows: 60 };
const READER = join(import.meta.dirname, "reader.ts");
const CALLGATE = join(resolve(import.meta.dirname, "../.."), "bin/callgate.js");
/** Of `/proc/PID/stat`, a second: Linux has had 100 for ever. */
const TICKS = 100;

/** @param seconds of calls with the screen */
export async function screen(workshop: Workshop, body: string, seconds: number): Promise<void> {
  const { connection, env } = workshop.gateway();
  await initialize(connection);
  await pace(connection, body, 5);
  const before = await pace(connection, body, HEADLESS);
  const reader = startProcess(process.execPath, [READER], { env, stdio: "ignore" });
  await pace(connection, body, 2);
  const read = await pace(connection, body, HEADLESS);
  reader.kill();
  const terminal = spawn(process.execPath, [CALLGATE, "watch"], {
    ...SIZE,
    name: "xterm-256color",
    env: { ...env, CI: "" },
  });
  let drawn = 0;
  terminal.onData((data) => {
    drawn += data.length;
  });
  const warming = await pace(connection, body, WARM);
  const [cpu, bytes, from] = [cpuSeconds(terminal.pid), drawn, performance.now()];
  const levels = [memory(terminal.pid)];
  const sampling = setInterval(() => levels.push(memory(terminal.pid)), SAMPLE_MS);
  const watched = await pace(connection, body, seconds);
  clearInterval(sampling);
  const share = (cpuSeconds(terminal.pid) - cpu) / ((performance.now() - from) / 1000);
  terminal.kill();
  const headless = [...before, ...(await pace(connection, body, HEADLESS))];
  await connection.close();
  const p99 = (times: readonly number[]) => percentile(times, 0.99);
  console.log(`\nscreen of ${SIZE.cols}x${SIZE.rows} at ${CALLS_A_SECOND} calls/s for ${seconds} s:`);
  console.log(
    `  ${Math.round(share * 100)} % of a core (at most 30), ${Math.round((drawn - bytes) / seconds / 1000)} kB/s drawn`,
  );
  console.log(`  memory every ${SAMPLE_MS / 1000} s: ${levels.map(Math.round).join(" ")} MiB`);
  console.log(
    `  calls' p99 ${p99(watched).toFixed(2)} ms beside ${p99(headless).toFixed(2)} ms without: ` +
      `${(p99(watched) / p99(headless)).toFixed(2)}x (at most 1.2)`,
  );
  console.log(
    `  (${(p99(read) / p99(headless)).toFixed(2)}x with a reader that draws nothing: what the gateway itself spends; ` +
      "the rest is who gets the machine's cores)",
  );
  console.log(`  (while it starts ${p99(warming).toFixed(2)} ms)`);
}

/** Makes calls evenly, and gives how long each took, in ms. */
async function pace(connection: Connection, body: string, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const from = performance.now();
  let sent = 0;
  while (sent < seconds * CALLS_A_SECOND) {
    const due = Math.floor(((performance.now() - from) / 1000) * CALLS_A_SECOND);
    for (; sent < due; sent++) {
      const at = performance.now();
      connection.request(body, () => times.push(performance.now() - at));
    }
    await new Promise((resume) => setTimeout(resume, BUNCH_MS));
  }
  while (times.length < sent) await new Promise((resume) => setTimeout(resume, BUNCH_MS));
  return times;
}

/** User and system time of a process. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
