/** The control socket and the folder of sockets under attack: no gateway slows, no screen or script falls. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { chown } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serverMessage } from "../../src/control/protocol.ts";
import { type Peer, type Sandbox, sandbox } from "../e2e/helpers.ts";

const runDir = (box: Sandbox) => join(box.home, "run");

async function gatewayIn(box: Sandbox): Promise<{ gateway: Peer; socket: string }> {
  const gateway = box.stdio();
  await gateway.initialize();
  await expect.poll(() => (existsSync(runDir(box)) ? readdirSync(runDir(box)) : [])).toHaveLength(1);
  return { gateway, socket: join(runDir(box), readdirSync(runDir(box))[0] ?? "") };
}

const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));
const rss = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;

/** `callgate ...` to its end. */
async function run(box: Sandbox, ...args: string[]) {
  const peer = box.callgate(...args);
  const { code } = await peer.end();
  return { code, out: peer.lines.join("\n"), err: peer.stderr };
}

describe("a gateway's socket", () => {
  it("hangs up on garbage, on a line without an end and on a flood of commands, and goes on", async () => {
    const box = sandbox();
    const { gateway, socket } = await gatewayIn(box);
    await gateway.call("echo");
    const before = rss(gateway.pid);
    for (const garbage of ["GET / HTTP/1.1\r\n\r\n", '{"type":"command"}\n', "[[[[[\n", "\0\0\0\n", "{}\n"]) {
      const stranger = connect(socket).resume();
      stranger.write(garbage);
      await closed(stranger);
    }

    const endless = connect(socket).resume();
    endless.on("error", () => {});
    const chunk = Buffer.alloc(1 << 20, "x");
    let sent = 0;
    const more = () => {
      while (sent++ < 1024 && !endless.destroyed)
        if (!endless.write(chunk)) return void endless.once("drain", more);
    };
    more();
    await closed(endless);
    expect(sent).toBeLessThan(64);

    const flood = connect(socket).pause();
    flood.on("error", () => {});
    const flooded = closed(flood);
    const command = `${JSON.stringify({ type: "command", id: 1, command: "snapshot" })}\n`;
    flood.write(command.repeat(50_000));
    await expect.poll(async () => (await gateway.call("echo")).result).toBeDefined();
    flood.resume();
    await flooded;
    expect(rss(gateway.pid) - before).toBeLessThan(96 << 20);
  });

  it("takes 32 screens, and tells the others what to do", async () => {
    const box = sandbox();
    const { gateway, socket } = await gatewayIn(box);
    const said: string[] = [];
    const sockets: Socket[] = [];
    const open = async () => {
      const one = connect(socket);
      sockets.push(one);
      const data = await new Promise((resolve) => one.once("data", resolve));
      said.push(String(data).split("\n")[0] ?? "");
    };
    // No more at a time than the system lets wait.
    while (sockets.length < 2_000) await Promise.all(Array.from({ length: 200 }, open));
    const types = said.map((line) => serverMessage.parse(JSON.parse(line)).type);
    expect(types.filter((type) => type === "hello")).toHaveLength(32);
    expect(said.find((line) => line.includes('"bye"'))).toContain("32 screens attached already: close one");
    expect(await run(box, "status")).toMatchObject({
      code: 1,
      err: expect.stringContaining("there are 32 screens attached already"),
    });
    expect((await gateway.call("echo")).result).toBeDefined();
    for (const one of sockets) one.destroy();
    await expect.poll(async () => (await run(box, "status")).code, { timeout: 10_000 }).toBe(0);
  });
});

describe("a folder of sockets", () => {
  it("with what is none in it: left alone, and not in the way", async () => {
    const box = sandbox();
    const { gateway, socket } = await gatewayIn(box);
    writeFileSync(join(runDir(box), "file.sock"), "not a socket");
    mkdirSync(join(runDir(box), "folder.sock"));
    symlinkSync(socket, join(runDir(box), "link.sock"));
    symlinkSync("/etc/passwd", join(runDir(box), "passwd.sock"));
    const { code, out, err } = await run(box, "status");
    expect({ code, err, gateways: out.match(/pid \d+/g) }).toEqual({
      code: 0,
      err: "",
      gateways: [`pid ${gateway.pid}`],
    });
    expect(readdirSync(runDir(box))).toHaveLength(5);
  });

  it("that others can write, or that is another user's, is not trusted", async () => {
    const box = sandbox();
    await gatewayIn(box);
    chmodSync(runDir(box), 0o777);
    const open = await run(box, "status");
    expect(open).toMatchObject({
      code: 1,
      err: expect.stringContaining("can be written by other users: chmod 700"),
    });
    chmodSync(runDir(box), 0o700);
    if (process.getuid?.() !== 0) return; // Only root can give a folder away.
    await chown(runDir(box), 4711, 4711);
    expect(await run(box, "tail")).toMatchObject({
      code: 1,
      err: expect.stringContaining("belongs to another user (4711, this is 0)"),
    });
  });

  it("with sockets that say nothing, or garbage, or that nobody is behind any more", async () => {
    const box = sandbox();
    const { gateway } = await gatewayIn(box);
    const dead = box.stdio();
    await dead.initialize();
    await expect.poll(() => readdirSync(runDir(box))).toHaveLength(2);
    await dead.kill("SIGKILL");
    const hello = { type: "hello", protocol: 99 };
    const says: Record<string, string> = {
      mute: "",
      garbage: "<html>\n",
      old: `${JSON.stringify(hello)}\n`,
      long: "x".repeat(40 << 20),
    };
    const servers = await Promise.all(
      Object.entries(says).map(async ([name, text]) => {
        const server = createServer((socket) => socket.on("error", () => {}).write(text));
        await new Promise<void>((resolve) => server.listen(join(runDir(box), `${name}.sock`), resolve));
        return server;
      }),
    );
    const { code, out, err } = await run(box, "status");
    for (const server of servers) server.close();
    expect(code).toBe(0);
    expect(out).toContain(`pid ${gateway.pid}`);
    expect(
      err
        .split("\n")
        .filter((line) => line !== "")
        .sort(),
    ).toEqual([
      expect.stringMatching(/garbage.sock: a line is not JSON/),
      expect.stringMatching(/long.sock: a line is longer than/),
      expect.stringMatching(/mute.sock: the gateway does not answer; is its process stopped\?/),
      expect.stringMatching(
        /start gateway and screen from the same callgate: one speaks control protocol 99, the other \d .*old.sock/,
      ),
    ]);
    // By now it is too old to be a gateway that is just starting.
    await run(box, "status");
    expect(readdirSync(runDir(box)).filter((name) => name.startsWith(`${dead.pid}-`))).toEqual([]);
  }, 20_000);
});
