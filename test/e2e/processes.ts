import { readdirSync, readFileSync } from "node:fs";

/** Whether a process is there and not a zombie. */
export function alive(pid: number): boolean {
  const state = stat(pid)?.state;
  return state !== undefined && state !== "Z";
}

/** Children of a process, their children, and so on, while their parents live. */
export function descendants(pid: number): number[] {
  const parents = readdirSync("/proc").flatMap((name) => {
    const child = Number(name);
    const parent = Number.isInteger(child) ? stat(child)?.parent : undefined;
    return parent === undefined ? [] : [{ child, parent }];
  });
  const under = (ancestor: number): number[] =>
    parents.filter(({ parent }) => parent === ancestor).flatMap(({ child }) => [child, ...under(child)]);
  return under(pid);
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

function stat(pid: number): { state: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may itself hold brackets and blanks.
    const [state = "", parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
