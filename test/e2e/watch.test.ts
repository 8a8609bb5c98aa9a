/** `callgate watch` in a real terminal, over real gateways. */
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { TerminalUnderTest } from "../screen/terminal.ts";
import { type Peer, type Sandbox, sandbox } from "./helpers.ts";

const POLICY = `version: "1"
tools:
  create_charge:
    rules:
      - name: small
        conditions: [{ path: args.amount, op: lte, value: 1000 }]
        on_deny: Too much at once
        state: { counter: spent, window: day, increment_from: args.amount }
`;

async function gateway(box: Sandbox, name: string): Promise<Peer> {
  const agent = box.stdio({ policy: box.policy(POLICY), args: ["--name", name] });
  await agent.initialize();
  return agent;
}

const charge = (agent: Peer, amount: number) => agent.call("create_charge", { amount });

function watch(box: Sandbox, columns = 120, rows = 40, ...args: string[]): TerminalUnderTest {
  const terminal = new TerminalUnderTest(columns, rows, box.command("watch", ...args), box.env);
  onTestFinished(() => terminal.kill());
  return terminal;
}

it("shows gateways as they come and go, by one column and one pane, and what they did after they are gone", async () => {
  const box = sandbox();
  const [pay, shop] = await Promise.all([gateway(box, "pay"), gateway(box, "shop")]);
  await charge(pay, 1);
  await charge(shop, 5_000);
  const terminal = watch(box);
  await terminal.until("Gateways 2");
  await terminal.until("Calls 2");
  expect(terminal.text()).toMatch(/time +gateway +tool/);
  expect(terminal.text()).toMatch(/ pay +create_charge +amount: 1 .*allow/);
  expect(terminal.text()).toMatch(/ shop +create_charge +amount: 5000 .*DENY +small/);

  const late = await gateway(box, "late");
  await charge(late, 7);
  await terminal.until("Calls 3");
  await terminal.until(/ late +create_charge +amount: 7/);

  // Killed, it takes nothing along and leaves no error.
  await shop.kill("SIGKILL");
  await terminal.until(/shop ended/);
  expect(terminal.text()).toContain("Calls 3");
  await charge(pay, 2);
  await terminal.until("Calls 4");

  terminal.type(":pick shop\r");
  await terminal.until("1 of 3 gateways");
  await terminal.until("Calls 1 ");
  expect(terminal.text()).toContain("0 allowed  1 denied");
  expect(terminal.text()).not.toContain("amount: 1,");
  terminal.type("\r");
  await terminal.until("From the audit log"); // Nobody else can tell any more.
  expect(terminal.text()).toContain("Too much at once");
  expect(terminal.text()).toContain("amount");
  terminal.type("\x1b");
  await terminal.until("Calls 1 ");
  terminal.type("W");
  await terminal.until("Calls 4");
  expect(terminal.scrolledOut).toBe(0);

  // The socket that was left is gone before long.
  const sockets = () => readdirSync(join(box.home, "run")).filter((name) => name.startsWith(`${shop.pid}-`));
  await expect.poll(sockets, { timeout: 10_000, interval: 200 }).toEqual([]);
  expect(terminal.text()).not.toMatch(/ENO|refused|nobody listens/);
  terminal.type("q");
  expect(await terminal.exited).toBe(0);
  expect((await charge(pay, 3)).result).toBeDefined(); // q ends no gateway here.
}, 30_000);

it("backfills from the audit log what no gateway tells any more", async () => {
  const box = sandbox();
  const before = await gateway(box, "pay");
  for (const amount of [11, 2_222, 33]) await charge(before, amount);
  await before.end();
  // More than a gateway remembers.
  const after = await gateway(box, "pay");
  const all = Array.from({ length: 1_200 }, (_, n) => charge(after, n === 0 ? 4_444 : 0));
  await Promise.all(all);
  const terminal = watch(box);
  await terminal.until("Calls 1,203");
  await terminal.until("1,201 allowed  2 denied");
  terminal.type("g");
  await terminal.until(/amount: 11 /);
  await terminal.until("from the audit log");
  expect(terminal.text()).toMatch(new RegExp(`pay:${before.pid} .*amount: 11 `));
  terminal.type("jjj\r"); // The first of the running one, which has forgotten it.
  await terminal.until("From the audit log");
  await terminal.until("4444");
  const log = readdirSync(join(box.home, "audit")).map((name) =>
    readFileSync(join(box.home, "audit", name), "utf8"),
  );
  const record =
    log
      .join("")
      .split("\n")
      .find((line) => line.includes('"amount":4444')) ?? "{}";
  await terminal.until(JSON.parse(record).hash);
});

it("saves what is shown, and shows a file of calls as a screen that stands still", async () => {
  const box = sandbox();
  const pay = await gateway(box, "pay");
  for (const amount of [1, 5_000, 2, 6_000]) await charge(pay, amount);
  const terminal = watch(box, 80, 24);
  await terminal.until("Calls 4");
  const [all, denied] = [join(box.dir, "all.jsonl"), join(box.dir, "denied.jsonl")];
  terminal.type(`:save ${all}\r`);
  await terminal.until("wrote 4 calls");
  terminal.type(`:save ${denied} verdict:deny arg.amount>5000\r`);
  await terminal.until("wrote 1 call to");
  terminal.type(`:save ${denied}\r`);
  await terminal.until("EEXIST");
  terminal.type("\x1b"); // A key of its own only when nothing follows at once.
  await terminal.until("q quit");
  terminal.type(`:load ${denied}\r`);
  await terminal.until("a file: nothing runs behind it");
  await terminal.until("Calls 1 ");
  expect(terminal.text()).toContain("0 allowed  1 denied");
  await charge(pay, 3); // It stands still whatever happens.
  terminal.type(":kill\r");
  await terminal.until("no gateway is behind a file; load alone goes back");
  terminal.type("\x1b");
  await terminal.until("q quit");
  terminal.type(":load\r");
  await terminal.until("Calls 5");

  terminal.type(`:load ${join(box.home, "audit")}\r`);
  await terminal.until("is a folder: load one of the files in it");
  terminal.type("q");
  await terminal.exited;

  const log = join(box.home, "audit", readdirSync(join(box.home, "audit"))[0] ?? "");
  const still = watch(box, 120, 40, "--load", log);
  await still.until("a file: nothing runs behind it");
  await still.until("Calls 5");
  expect(still.text()).toContain("5 of 5");
  still.type("g\r");
  await still.until("only its hash was written");
  expect(still.text()).toMatch(/create_charge\.spent +0 \+ 1/);
  still.type("\x1b");
  await still.until("1 of 5");
  still.type(":load\r");
  await still.until("callgate watch shows the live gateways");
  still.type("\x1b");
  await still.until("q quit");
  still.type("q");
  expect(await still.exited).toBe(0);

  const wrong = watch(box, 80, 24, "--load", box.write("wrong.jsonl", "hello\n"));
  expect(await wrong.exited).toBe(1);
  await wrong.until("wrong.jsonl:1 is no saved call");
  expect(wrong.alternate).toBe(false);
});

it("says of what cannot be watched why, and shows what can", async () => {
  const box = sandbox();
  const run = join(box.home, "run");
  mkdirSync(run, { mode: 0o777 });
  chmodSync(run, 0o777);
  const terminal = watch(box, 100, 30);
  await terminal.until("can be written by other users: chmod 700");
  expect(terminal.text()).toContain("None is running");
  chmodSync(run, 0o700);

  const pay = await gateway(box, "pay");
  await charge(pay, 1);
  await terminal.until("Calls 1 ");
  await terminal.until(/create_charge +amount: 1 /);
  let asked = 0;
  const garbage = createServer((socket) => {
    asked++;
    socket.on("error", () => {}).write("\x1b[2Jgarbage\n".repeat(1_000));
  });
  const old = createServer((socket) => void socket.write('{"type":"hello","protocol":99}\n'));
  onTestFinished(() => void [garbage, old].map((server) => server.close()));
  await new Promise<void>((resolve) => garbage.listen(join(run, "a.sock"), resolve));
  await terminal.until(/a\.sock: a line is not JSON/);
  await new Promise<void>((resolve) => old.listen(join(run, "b.sock"), resolve));
  await terminal.until("start gateway and screen from the same callgate");
  terminal.type("8"); // The log has it when the footer no longer does.
  await terminal.until(/! .*a\.sock/);
  await charge(pay, 2);
  terminal.type("1");
  await terminal.until("Calls 2 ");
  expect(asked).toBe(1); // It is not asked again and again.
});

it("stopped in its tracks, keeps no gateway waiting and takes no memory of it; then it is right again", async () => {
  const box = sandbox();
  const busy = box.stdio();
  await busy.initialize();
  const burst = async (name: string, calls: number) => {
    const expected = busy.messages.length + calls;
    const params = JSON.stringify({ name: "echo", arguments: { text: "x".repeat(1_000) } });
    for (let n = 0; n < calls; n++)
      busy.send(`{"jsonrpc":"2.0","id":"${name}-${n}","method":"tools/call","params":${params}}`);
    await busy.until(() => busy.messages.length === expected || undefined, `${calls} answers`, 30_000);
  };
  const rss = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${busy.pid}/status`, "utf8"))?.[1]) / 1024;
  const terminal = watch(box);
  await terminal.until("No call yet");
  for (let n = 0; n < 6; n++) await burst(`warm${n}`, 1_000);
  await terminal.until("6,000 allowed");
  process.kill(terminal.pid, "SIGSTOP");
  const before = rss();
  for (let n = 0; n < 14; n++) await burst(`b${n}`, 1_000);
  expect(rss() - before).toBeLessThan(192); // Its heap still comes to its size.
  process.kill(terminal.pid, "SIGCONT");
  await terminal.until("20,000 allowed");
  // What it missed is read from the audit log.
  const shown = (n: number) => {
    const file = join(box.dir, `shown-${n}.jsonl`);
    terminal.type(`:save ${file}\r`);
    return file;
  };
  const last = Array.from({ length: 4_000 }, (_, n) => String(16_001 + n));
  await expect
    .poll(
      async () => {
        const file = shown(Date.now());
        await terminal.until(`to ${file}`);
        const lines = readFileSync(file, "utf8").trimEnd().split("\n");
        return lines.map((line) => JSON.parse(line).id).slice(-4_000);
      },
      { timeout: 10_000, interval: 500 },
    )
    .toEqual(last);
  await busy.call("echo", { text: "the last" });
  await terminal.until("20,001 allowed");
  await terminal.until('text: "the last"');
}, 60_000);
