import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ControlError, connectGateway, type GatewayHandlers } from "../../src/control/client.ts";
import { discoverGateways } from "../../src/control/discover.ts";
import { shortLines } from "../../src/control/lines.ts";
import type { Event } from "../../src/control/protocol.ts";
import { FakeGateway } from "./fake-gateway.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "callgate-screen-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function collect() {
  const events: Event[] = [];
  let closed: ControlError | null | undefined;
  let snapshots = 0;
  const handlers: GatewayHandlers = {
    snapshot: () => snapshots++,
    events: (more) => events.push(...more),
    closed: (error) => {
      closed = error;
    },
  };
  return { handlers, events, closed: () => closed, snapshots: () => snapshots };
}
const until = async (holds: () => boolean) => {
  for (let n = 0; n < 300 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
};

describe("connectGateway", () => {
  it("gives hello, snapshot and events, and answers commands by id", async () => {
    const gateway = new FakeGateway();
    gateway.call();
    await gateway.listen(join(home, "a.sock"));
    const seen = collect();
    const connection = await connectGateway(join(home, "a.sock"), seen.handlers);
    expect(connection.gateway.id).toBe(gateway.view.id);
    gateway.publish(3);
    await until(() => seen.events.length === 6 && seen.snapshots() === 1);
    const [good, bad] = await Promise.allSettled([connection.command("why 1"), connection.command("why 99")]);
    expect(good).toMatchObject({ value: { call: { id: "1" } } });
    expect(bad).toMatchObject({ reason: { code: "command", message: "why 99: no such call" } });
    await gateway.close();
    await until(() => seen.closed()?.code === "closed");
    await expect(connection.command("status")).rejects.toMatchObject({ code: "closed" });
  });

  it.each([
    ["not json\n", "protocol", "not JSON"],
    ['{"type":"hello","protocol":99}\n', "version", "control protocol 99"],
    ['{"type":"snapshot"}\n', "protocol", "unexpected message"],
    ["x".repeat(33 * 1024 * 1024), "protocol", "longer than"],
  ])("refuses a gateway that says %.20s", async (said, code, words) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.write(said);
    });
    await new Promise<void>((resolve) => server.listen(join(home, "b.sock"), resolve));
    const failed = connectGateway(join(home, "b.sock"), collect().handlers);
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    server.close();
  });

  it("says whether there is no socket or nobody behind it", async () => {
    const failed = connectGateway(join(home, "none.sock"), collect().handlers);
    await expect(failed).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("lines", () => {
  it("join what arrives in pieces, characters cut in two among them", () => {
    const lines: string[] = [];
    const splitter = shortLines(100, (line) => lines.push(line));
    const bytes = Buffer.from("a漢\nb\n\nc");
    for (const byte of bytes) splitter.push(Buffer.from([byte]));
    splitter.push(Buffer.from("d\n"));
    expect(lines).toEqual(["a漢", "b", "cd"]);
    expect(() => splitter.push(Buffer.alloc(101, "x"))).toThrow("longer than 100 bytes");
  });
});

describe("discovery", () => {
  it("announces sockets once, as they come, and again when released", async () => {
    const found: string[] = [];
    const run = join(home, "run");
    const discovery = discoverGateways(
      run,
      (path) => found.push(path),
      (message) => expect.unreachable(message),
    );
    const { mkdirSync } = await import("node:fs");
    mkdirSync(run);
    writeFileSync(join(run, "notes.txt"), "");
    const gateway = new FakeGateway();
    await gateway.listen(join(run, "a.sock"));
    await until(() => found.length === 1);
    discovery.release(join(run, "a.sock"));
    utimesSync(run, 1, 1);
    await until(() => found.length === 2);
    discovery.close();
    await gateway.close();
  });
});
