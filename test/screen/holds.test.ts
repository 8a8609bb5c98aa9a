/** Held calls on the screen: the built gateway, a real server, and a real terminal. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { MOUSE_OFF, MOUSE_ON } from "../../src/screen/mouse-reports.ts";
import { CALLGATE, NODE, type Peer, type Sandbox, sandbox } from "../e2e/helpers.ts";
import { TerminalUnderTest } from "./terminal.ts";

const POLICY = `version: "1"
tools:
  create_charge:
    rules:
      - name: never this much
        conditions: [{ path: args.amount, op: lte, value: 90000 }]
        on_deny: Too much for anyone
      - name: a person looks
        when: [{ path: args.amount, op: gt, value: 500 }]
        action: ask
        timeout: 2m
        on_deny: The person said no
`;

let terminal: TerminalUnderTest | null = null;
afterEach(() => terminal?.kill());

async function start(
  columns = 80,
  rows = 24,
  env: Record<string, string> = {},
): Promise<{ box: Sandbox; agent: Peer; screen: TerminalUnderTest }> {
  const box = sandbox();
  const agent = box.stdio({ policy: box.policy(POLICY) });
  await agent.initialize();
  const screen = new TerminalUnderTest(
    columns,
    rows,
    [NODE, CALLGATE, "watch"],
    { ...box.env, ...env },
    box.dir,
  );
  terminal = screen;
  await screen.until("No call yet");
  return { box, agent, screen };
}

const charge = (agent: Peer, amount: number) =>
  agent.call("create_charge", { amount, api_key: "hunter2hunter2" });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** A key for a hold that has just come up is not taken. */
const look = () => pause(700);
const bells = (screen: TerminalUnderTest) => screen.output.split("\x07").length - 1;

describe.each([
  [80, 24],
  [120, 40],
  [200, 60],
])("on %ix%i", (columns, rows) => {
  it("a hold rings once, shows everywhere, and is approved and denied by keys", async () => {
    const { box, agent, screen } = await start(columns, rows);
    const first = charge(agent, 600);
    await screen.until("? 1 HELD");
    await screen.until(/▌\?\s+create_charge.*amount: 600.*1:5\d/);
    expect(screen.text()).toContain('Rule "a person looks" asks');
    expect(screen.rows().at(-1)).toMatch(/a approve {2}d deny {2}e edit/);
    await look();
    expect(bells(screen)).toBe(1);
    screen.type("a");
    await screen.until("approved create_charge");
    expect((await first).result?.structuredContent).toMatchObject({ amount: 600 });
    await screen.until(() => !screen.text().includes("HELD"));

    const second = charge(agent, 700);
    await screen.until("? 1 HELD");
    await look();
    screen.type("d");
    await screen.until("deny create_charge:");
    screen.type("Ask Ada first\r");
    await screen.until("denied create_charge");
    expect(JSON.stringify((await second).result)).toContain("[CALLGATE POLICY DENIED] Ask Ada first");
    await screen.until(() => !screen.text().includes("HELD"));

    const third = charge(agent, 800);
    await screen.until("? 1 HELD");
    await look();
    screen.type("d\r");
    expect(JSON.stringify((await third).result)).toContain("The person said no");
    await screen.until(/denied create_charge\s*$/m);
    screen.type("a");
    await screen.until("no call is held");
    expect(bells(screen)).toBe(3);
    expect(screen.scrolledOut).toBe(0);
    expect(box.records().flatMap((record) => (record.kind === "hold" ? [record.answer] : []))).toEqual([
      "approved",
      "denied",
      "denied",
    ]);
  });
});

it("answers all after a question, of which only y is a yes, however many there are", async () => {
  const { agent, screen } = await start();
  const calls = Array.from({ length: 150 }, (_, n) => charge(agent, 600 + n));
  await screen.until("? 150 HELD");
  screen.type("A");
  await screen.until("approve all 150 held calls? y/n");
  expect(screen.text()).toContain("create_charge (150)");
  screen.type("n");
  await screen.until("nothing was done");
  screen.type("D");
  await screen.until("deny all 150 held calls? y/n");
  screen.type("y");
  await screen.until("denied 150 calls");
  for (const call of calls) expect(JSON.stringify((await call).result)).toContain("The person said no");
});

describe("edited", () => {
  /** An editor that does to the file what the test says, and writes down what it saw. */
  const editor = (box: Sandbox, script: string) => box.write("editor.sh", `#!/bin/sh\n${script}\n`);

  it("in $EDITOR, with what is wrong shown and offered again, secrets kept, and judged again", async () => {
    const box = sandbox();
    const program = editor(box, `cat "$1" >> ${join(box.dir, "seen")}; sh ${join(box.dir, "step.sh")} "$1"`);
    const { agent, screen } = await start(80, 24, { VISUAL: `sh ${program}` });
    const call = charge(agent, 600);
    await screen.until("? 1 HELD");
    await look();
    // The editor has the keys and the mouse, all of them.
    box.write(
      "step.sh",
      `echo "the editor is there"; read line; echo "$line" > ${join(box.dir, "typed")}; echo "{ broken" > "$1"`,
    );
    screen.type("e");
    await screen.until("the editor is there");
    expect(screen.alternate).toBe(false);
    expect(screen.output.lastIndexOf(MOUSE_OFF)).toBeGreaterThan(screen.output.lastIndexOf(MOUSE_ON));
    screen.type("what I typed\r");
    await screen.until("edit again? y/n");
    expect(readFileSync(join(box.dir, "typed"), "utf8")).toBe("what I typed\n");
    expect(screen.output.lastIndexOf(MOUSE_ON)).toBeGreaterThan(screen.output.lastIndexOf(MOUSE_OFF));
    expect(screen.alternate).toBe(true);
    box.write("step.sh", 'printf \'{"amount": 12.50, "api_key": "[masked]"}\' > "$1"');
    screen.type("y");
    await screen.until("as edited, rules would let it go on");
    expect(screen.text()).toContain("send create_charge as edited? y/n, e edits again");
    screen.type("y");
    await screen.until("create_charge went on as edited");
    expect((await call).result?.structuredContent).toEqual({ amount: 12.5, api_key: "hunter2hunter2" });
    expect(readFileSync(join(box.dir, "seen"), "utf8")).toContain("{ broken");
    expect(readFileSync(join(box.dir, "seen"), "utf8")).not.toContain("hunter2");

    const again = charge(agent, 601);
    await screen.until("? 1 HELD");
    await look();
    box.write("step.sh", 'echo \'{"amount": 99999}\' > "$1"');
    screen.type("e");
    await screen.until('as edited, it would be denied by "never this much": Too much for anyone');
    screen.type("n");
    await screen.until("nothing was done");
    expect(screen.text()).toContain("? 1 HELD");
    screen.type("e");
    await screen.until("it would be denied by");
    screen.type("y");
    await screen.until('judged again as edited, and denied by "never this much"');
    expect(JSON.stringify((await again).result)).toContain("Too much for anyone");

    charge(agent, 602).catch(() => {});
    await screen.until("? 1 HELD");
    await look();
    box.write("step.sh", "exit 3");
    screen.type("e");
    await screen.until("ended with status 3");
    expect(screen.text()).toContain("? 1 HELD");
    expect(screen.rows()[0]).toContain("callgate");

    // Somebody else answered it while it was edited.
    box.write("step.sh", `${NODE} ${CALLGATE} ctl deny all not now; echo '{"amount": 7}' > "$1"`);
    await look();
    screen.type("e");
    await screen.until("create_charge is no longer held: it was denied: not now");
    screen.type("q");
    expect(await screen.exited).toBe(0);
  });
});

describe("the command line", () => {
  it("completes, remembers, says what it expects, and kills and unkills", async () => {
    const { box, agent, screen } = await start();
    await charge(agent, 100);
    await screen.until("create_charge");
    screen.type(":blo");
    await screen.until("block");
    screen.type("\t");
    await screen.until("block TOOL [for 10m]");
    screen.type("cre\t");
    await screen.until(":block create_charge");
    screen.type("for soon\r");
    await screen.until("Expected block TOOL");
    screen.type(":");
    await screen.until("unkill");
    screen.type("bl\x1b[A");
    await screen.until(":block create_charge for soon");
    screen.type("\x17\x17for 10m\r");
    await screen.until("blocked create_charge");
    expect(JSON.stringify((await charge(agent, 100)).result)).toContain(
      "An operator has blocked create_charge",
    );
    screen.type(":unblock create_charge\r");
    await screen.until("is no longer blocked");
    expect((await charge(agent, 101)).result?.structuredContent).toMatchObject({ amount: 101 });

    const held = charge(agent, 600);
    await screen.until("? 1 HELD");
    screen.type(":kill\r");
    await screen.until(" KILLED ");
    expect(JSON.stringify((await held).result)).toContain("An operator has stopped all calls");
    expect(JSON.stringify((await agent.call("echo")).result)).toContain("An operator has stopped all calls");
    screen.type(":unkill\r");
    await screen.until(() => !screen.text().includes("KILLED"));
    expect((await agent.call("echo", { a: 1 })).result?.structuredContent).toEqual({ a: 1 });

    screen.type(":blck x\r");
    await screen.until("did you mean block?");
    screen.type("\x15why 999\r");
    await screen.until("no call 999 is known");
    screen.type("\x1b");
    expect(box.records().flatMap((record) => (record.kind === "operator" ? [record.command] : []))).toEqual([
      "block create_charge for 10m",
      "unblock create_charge",
      "kill",
      "unkill",
    ]);
    expect(statSync(join(box.home, "history")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(box.home, "history"), "utf8")).toContain(":unblock create_charge\n");
  });

  it("filters as it is typed, and underlines a mistake", async () => {
    const { agent, screen } = await start(100, 30);
    for (const amount of [1, 20, 300]) await charge(agent, amount);
    await agent.call("echo", { note: "hello" });
    await screen.until("Calls 4");
    screen.type("/arg.amount>5");
    await screen.until("Calls 2");
    expect(screen.text()).not.toContain("hello");
    screen.type(" tol:echo");
    await screen.until('there is no field "tol": did you mean tool?');
    expect(screen.output).toContain("\x1b[4m\x1b[31mtol");
    screen.type("\r");
    await screen.until("did you mean tool?");
    screen.type("\x17tool:create_*\r");
    await screen.until("/arg.amount>5 tool:create_*");
    screen.type("\x1b");
    await screen.until("Calls 4");
  });

  it("opens the policy at the rule in $EDITOR, and saves the calls", async () => {
    const box = sandbox();
    const editor = box.write("editor.sh", `echo "$@" > ${join(box.dir, "opened")}\n`);
    const { box: other, agent, screen } = await start(80, 24, { EDITOR: `sh ${editor}`, VISUAL: "" });
    await charge(agent, 99_999);
    await screen.until("✗ DENY");
    screen.type("o");
    await expect
      .poll(() => readFileSync(join(box.dir, "opened"), "utf8"))
      .toBe(`+5 ${join(other.dir, "policy.yaml")}\n`);
    await screen.until("✗ DENY");
    screen.type(":save calls.jsonl\r");
    await screen.until("wrote 1 call to calls.jsonl");
    const [line = ""] = readFileSync(join(other.dir, "calls.jsonl"), "utf8").split("\n");
    expect(JSON.parse(line)).toMatchObject({ tool: "create_charge", verdict: "deny" });
    screen.type(":save calls.jsonl\r");
    await screen.until("cannot be written");
  });
});

it("what is pasted is text for the line that is open: it answers no hold and enters nothing", async () => {
  const { agent, screen } = await start();
  const held = charge(agent, 600);
  await screen.until("? 1 HELD");
  await look();
  const paste = (text: string) => screen.type(`\x1b[200~${text}\x1b[201~`);
  paste("a perfectly normal text\ry\r");
  await screen.until("what is pasted is not taken for keys");
  screen.type("A");
  await screen.until("approve create_charge? y/n");
  paste("y");
  await pause(100);
  screen.type("n");
  await screen.until("nothing was done");
  screen.type(":");
  await screen.until("approve  deny  edit");
  paste('try create_charge {\r\n\t"amount": 7,\n "note": "\u65e5\u672c"\n}\n');
  await screen.until('try create_charge { "amount": 7,  "note": "\u65e5\u672c" }');
  screen.type("\r");
  await screen.until("would be allowed");
  screen.type("\x1b");
  await screen.until("following");
  // A long one neither stops the screen nor comes in part.
  screen.type(":");
  await screen.until("approve  deny  edit");
  paste(`try create_charge {"note": "${"x\u65e5".repeat(30_000)} end"}`);
  await screen.until(' end"}');
  screen.type("\x01");
  await screen.until(":try create_charge");
  screen.type("\x05");
  paste("y".repeat(9_000));
  await screen.until("not pasted: a line has at most 65,536 characters");
  screen.type("\x1b");
  await screen.until("a approve  d deny");
  await screen.until("enter why");
  await look();
  screen.type("d");
  await screen.until("words for the model");
  screen.type("\r");
  await screen.until("denied create_charge");
  expect(JSON.stringify((await held).result)).toContain("The person said no");
}, 20_000);
