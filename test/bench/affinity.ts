import { execFileSync } from "node:child_process";

/**
 * Runs `work` with this process, and all that it starts, on one CPU.
 *
 * A lone call hops between processes that mostly sleep. Where the kernel happens to wake the next one changes
 * its time threefold, round by round, which drowns what is measured; on one CPU it is the same every time.
 * Without `taskset` there is no such measurement: undefined.
 */
export async function onOneCpu<T>(work: () => Promise<T>): Promise<T | undefined> {
  let cpus: string;
  try {
    cpus = taskset("-cp", `${process.pid}`).split(": ")[1]?.trim() ?? "";
    taskset("-acp", cpus.split(/[-,]/)[0] ?? "0", `${process.pid}`);
  } catch {
    return undefined;
  }
  try {
    return await work();
  } finally {
    taskset("-acp", cpus, `${process.pid}`);
  }
}

const taskset = (...args: string[]) =>
  execFileSync("taskset", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
