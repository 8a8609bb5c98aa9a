import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MOUSE_OFF, MOUSE_ON } from "../../src/screen/mouse-reports.ts";
import { FakeGateway } from "./fake-gateway.ts";
import { TerminalUnderTest } from "./terminal.ts";

const SCREEN = `
const { openScreen } = await import("./dist/screen/main.js");
await openScreen({ sockets: "all" });
console.log("the shell again");
`;

let home: string;
let gateway: FakeGateway;
let terminal: TerminalUnderTest;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "callgate-"));
  mkdirSync(join(home, "run"));
  gateway = new FakeGateway();
});
afterEach(async () => {
  terminal.kill();
  await gateway.close();
  rmSync(home, { recursive: true, force: true });
});

function open(columns: number, rows: number, env: Record<string, string> = {}): void {
  terminal = new TerminalUnderTest(columns, rows, SCREEN, { CALLGATE_HOME: home, ...env });
}

const edges = (first: string, last: string) =>
  terminal.rows()[0]?.includes(first) === true && terminal.rows().at(-1)?.includes(last) === true;
const mouseIsOff = () => terminal.output.lastIndexOf(MOUSE_OFF) >= terminal.output.lastIndexOf(MOUSE_ON);
const chosen = () => terminal.rows().find((row) => row.startsWith("▌")) ?? "";

it("begins at the top, wherever the shell's prompt was", async () => {
  await gateway.listen(join(home, "run", "a.sock"));
  gateway.call();
  const command = ["sh", "-c", 'seq 30; printf \'prompt> \'; exec "$0" --input-type=module -e "$1"'];
  terminal = new TerminalUnderTest(80, 24, [...command, process.execPath, SCREEN], { CALLGATE_HOME: home });
  await terminal.until("following");
  expect(terminal.rows()[0]).toMatch(/^ callgate /);
  expect(edges("callgate", "quit")).toBe(true);
  terminal.type("q");
  await terminal.until("the shell again");
  expect(terminal.text()).toContain("prompt> ");
});

describe.each([
  [80, 24],
  [120, 40],
  [200, 60],
])("the screen on a %ix%i terminal", (columns, rows) => {
  it("shows calls, takes every key, survives a resize, and gives the terminal back", async () => {
    for (let n = 0; n < 100; n++) gateway.call();
    await gateway.listen(join(home, "run", "a.sock"));
    open(columns, rows);
    await terminal.until("following");
    await terminal.until('charge: "ch_99"');
    expect(terminal.text()).toContain("650,000 / 1,000,000");
    expect(terminal.text()).toContain("✗ DENY");
    expect(terminal.alternate).toBe(true);

    terminal.type("kk"); // Off the newest: the 98th, denied.
    await terminal.until("98 of 100");
    await terminal.until(() => chosen().includes("✗ DENY"));
    terminal.type("j");
    await terminal.until("99 of 100");
    terminal.type("k\r");
    await terminal.until("args.amount lte 50000   actual 60000");
    terminal.resize(columns - 10, rows - 6);
    await terminal.until(() => edges("callgate", "esc back"));
    terminal.resize(columns, rows);
    await terminal.until(() => terminal.rows().at(-1)?.includes("esc back") === true);
    await terminal.until(() => terminal.rows()[0]?.includes("callgate") === true);
    terminal.type("\x1b");
    await terminal.until("98 of 100");

    terminal.type("f");
    await terminal.until("following");
    terminal.type(" ");
    await terminal.until("paused, 0 new");
    gateway.publish(5);
    await terminal.until("paused, 5 new");
    terminal.type(" ");
    await terminal.until("following");

    terminal.type("\t");
    await terminal.until("list_charges.seen");
    terminal.type("\r");
    await terminal.until("partition");
    terminal.type("\x1b");
    await terminal.until("list_charges.seen");
    terminal.type("\t");
    await terminal.until("last message");
    terminal.type("\t?");
    await terminal.until("let the marked held call go on");
    terminal.type("?");
    await terminal.until("arguments");
    terminal.type("x");
    await terminal.until("x is not bound");

    gateway.break();
    await terminal.until('policies/payments.yaml:14:15 unknown operator "lessthan"');

    expect(terminal.scrolledOut).toBe(0);
    terminal.type("q");
    expect(await terminal.exited).toBe(0);
    await terminal.until("the shell again");
    expect(terminal.alternate).toBe(false);
    expect(terminal.output.lastIndexOf("\x1b[?25h")).toBeGreaterThan(
      terminal.output.lastIndexOf("\x1b[?25l"),
    );
  });

  it("has the right last rows after 10,000 calls, and no more rows than the terminal", async () => {
    await gateway.listen(join(home, "run", "a.sock"));
    open(columns, rows);
    await terminal.until("No call yet");
    for (let n = 0; n < 100; n++) {
      gateway.publish(100);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await terminal.until(() => /allowed/.test(terminal.text()) && terminal.text().includes("8,572"));
    await terminal.until('charge: "ch_9999"');
    await terminal.until(() => chosen().includes("create_charge"));
    await terminal.until("1,428 denied");
    expect(terminal.scrolledOut).toBe(0);
    terminal.resize(100, 30);
    await terminal.until(() => terminal.rows()[0]?.includes("10,000/min") === true);
    await terminal.until(() => terminal.rows().at(-1)?.includes("q quit") === true);
    expect(terminal.scrolledOut).toBe(0);
  });
});

describe("the screen", () => {
  it("waits for gateways, finds one that starts, keeps its calls when it ends", async () => {
    open(100, 30);
    await terminal.until("Waiting for gateways");
    await gateway.listen(join(home, "run", "a.sock"));
    await terminal.until("payments http://127.0.0.1:4711/mcp");
    gateway.publish(3);
    await terminal.until("Calls 3");
    await gateway.close();
    await terminal.until("payments ended");
    expect(terminal.text()).toContain("Calls 3");
    gateway = new FakeGateway("payments", { id: "second" });
    await gateway.listen(join(home, "run", "b.sock"));
    gateway.publish(1);
    await terminal.until("payments http://127.0.0.1:4711/mcp");
  });

  it("gives hostile text no hold on the terminal", async () => {
    const text = "\x1b[2J\x1b[H\x1b]0;owned\x07\x1b[31m\u202e漢字👩‍👩‍👧\u0301\u0301\r\n".repeat(400);
    const rule = { name: text, tool: text, file: text, line: 1 };
    await gateway.listen(join(home, "run", "a.sock"));
    open(80, 24);
    await terminal.until("No call yet");
    gateway.publish(30, {
      agent: text,
      tool: text,
      arguments: JSON.stringify({ text }),
      message: text,
      rule,
      verdict: "deny",
    });
    await terminal.until("Calls 30");
    terminal.type("\r");
    await terminal.until("Trace");
    expect(terminal.rows()[0]).toContain("callgate");
    expect(terminal.rows().at(-1)).toContain("esc back");
    expect(terminal.title).toBe("");
    expect(terminal.scrolledOut).toBe(0);
  });

  it("without colours still says everything", async () => {
    for (let n = 0; n < 30; n++) gateway.call();
    await gateway.listen(join(home, "run", "a.sock"));
    open(100, 30, { NO_COLOR: "1" });
    await terminal.until("✗ DENY");
    expect(terminal.output).not.toMatch(/\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7])m/);
  });

  it("crashed, leaves the terminal as it was and says what happened there", async () => {
    const code = `
      const { openScreen } = await import("./dist/screen/main.js");
      setTimeout(() => { throw new Error("a bug"); }, 500);
      await openScreen({ sockets: "all" }).catch((error) => {
        console.log(String(error));
        process.exitCode = 1;
      });`;
    terminal = new TerminalUnderTest(80, 24, code, { CALLGATE_HOME: home });
    expect(await terminal.exited).toBe(1);
    await terminal.until("Error: a bug");
    expect(terminal.alternate).toBe(false);
    expect(mouseIsOff()).toBe(true);
  });

  it.each(["SIGTERM", "SIGHUP", "SIGINT"])(
    "ended by %s, gives the mouse and the terminal back",
    async (signal) => {
      open(80, 24);
      await terminal.until("Waiting for gateways");
      await terminal.until(() => terminal.output.includes(MOUSE_ON));
      terminal.kill(signal);
      await terminal.exited;
      await terminal.until(mouseIsOff);
      expect(terminal.alternate).toBe(false);
    },
  );

  it("takes clicks and the wheel, and leaves them to the terminal where the person likes", async () => {
    for (let n = 0; n < 30; n++) gateway.call();
    await gateway.listen(join(home, "run", "a.sock"));
    open(80, 24);
    await terminal.until('charge: "ch_27"');
    const row = terminal.rows().findIndex((line) => line.includes('"ch_27"'));
    terminal.type(`\x1b[<0;12;${row + 1}M\x1b[<0;12;${row + 1}m`);
    await terminal.until("27 of 30");
    terminal.type(`\x1b[<64;12;${row + 1}M\x1b[<64;12;${row + 1}M`);
    await terminal.until("21 of 30");
    terminal.type(`\x1b[<0;12;5M\x1b[<0;12;5m`.repeat(2));
    await terminal.until("Trace");
    terminal.type(":mouse off\r");
    await terminal.until(mouseIsOff);
    terminal.type("q");
    expect(await terminal.exited).toBe(0);
  });

  it("copies by the terminal, and remembers the theme", async () => {
    for (let n = 0; n < 3; n++) gateway.call();
    await gateway.listen(join(home, "run", "a.sock"));
    open(80, 24);
    await terminal.until("following");
    terminal.type("y");
    await terminal.until(/copied \d+ characters/);
    const [, copied = ""] = /\x1b]52;c;([\w+/=]+)\x07/.exec(terminal.output) ?? [];
    expect(JSON.parse(Buffer.from(copied, "base64").toString())).toMatchObject({
      id: "3",
      tool: "create_refund",
    });
    terminal.type(":theme light\r");
    await terminal.until(() => terminal.output.includes("\x1b[38;5;28m"));
    terminal.type("q");
    expect(await terminal.exited).toBe(0);
    open(80, 24);
    await terminal.until("following");
    expect(terminal.output).toContain("\x1b[38;5;28m");
    terminal.type(":theme\r");
    await terminal.until("the theme is light; there are dark, light, plain");
  });
});
