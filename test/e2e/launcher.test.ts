/** The launcher under whatever Node the machine has: it goes on under the one installed beside it. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CALLGATE, ECHO, NODE, sandbox } from "./helpers.ts";

/** Node executables on the machine's own PATH that are too old to run the program. */
const old = (process.env.PATH ?? "")
  .split(":")
  .map((dir) => `${dir}/node`)
  .filter(
    (path) =>
      existsSync(path) && Number(execFileSync(path, ["-p", "process.versions.node.split('.')[0]"])) < 24,
  );

describe.skipIf(old.length === 0)("under an old Node", () => {
  const node = old[0] ?? NODE;

  it("relays, and ends with the server's status", async () => {
    const box = sandbox();
    const [, ...gate] = box.gate("stdio", { server: ECHO });
    const peer = box.spawn([node, ...gate]);
    await peer.initialize();
    await expect(peer.call("crash")).resolves.toHaveProperty("error");
    expect(await peer.exited).toEqual({ code: 3, signal: null });
    expect(box.processes()).toEqual([]);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("passes %s on and leaves nothing behind", async (signal) => {
    const box = sandbox();
    const [, ...gate] = box.gate("serve", { args: ["--port", "0"] });
    const peer = box.spawn([node, ...gate]);
    await peer.logged("listening");
    expect(await peer.kill(signal)).toEqual({ code: 0, signal: null });
    expect(box.processes()).toEqual([]);
  });

  it("passes usage errors on", async () => {
    const peer = sandbox().spawn([node, CALLGATE, "frobnicate"]);
    expect((await peer.exited).code).toBe(2);
  });
});
