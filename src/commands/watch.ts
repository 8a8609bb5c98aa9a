/**
 * `callgate watch`: the screen over every gateway of this user that is running.
 *
 * @param printKeys only print the keys, as Markdown
 */
export async function watch(printKeys: boolean): Promise<number> {
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
  const { openScreen } = await import("../screen/main.ts");
  await openScreen({ sockets: "all" });
  return 0;
}
