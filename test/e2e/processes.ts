import { readdirSync, readFileSync } from "node:fs";

/** Whether a process is there and not a zombie. */
export function alive(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may itself hold brackets and blanks; the state follows it.
    return text[text.lastIndexOf(")") + 2] !== "Z";
  } catch {
    return false;
  }
}

/** Live processes that were started with `variable=value` in their environment, orphans too. */
export function startedWith(variable: string, value: string): number[] {
  const marker = `${variable}=${value}`;
  return pids().filter((pid) => alive(pid) && environment(pid).includes(marker));
}

/** Ends processes by id, at once. */
export function end(pids: Iterable<number>): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It was gone already.
    }
  }
}

function pids(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid));
  } catch {
    return []; // Not Linux.
  }
}

function environment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return []; // Gone, or another user's.
  }
}
