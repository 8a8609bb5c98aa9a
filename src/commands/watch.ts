/** The options as commander hands them over. */
export interface RawWatchOptions {
  /** Only print the keys, as Markdown. */
  printKeys?: boolean;
  /** A file of calls to show instead. */
  load?: string;
}

/** `callgate watch`: the screen over every gateway of this user that is running, or over a file of calls. */
export async function watch({ printKeys, load }: RawWatchOptions): Promise<number> {
  if (printKeys) {
    const { tables } = await import("../screen/tables.ts");
    process.stdout.write(tables.keys());
    return 0;
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    process.stderr.write(
      "callgate watch: it needs a terminal, and stdin or stdout is not one. In a script, use callgate status --json.\n",
    );
    return 2;
  }
  const { loadCalls } = await import("../control/past/load.ts");
  const loaded = load === undefined ? undefined : await loadCalls(load);
  const { openScreen } = await import("../screen/main.ts");
  await openScreen(loaded ? { sockets: [], loaded } : { sockets: "all" });
  return 0;
}
