/** `callgate watch`: the screen over every gateway of this user that is running. */
export async function watch(): Promise<number> {
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
