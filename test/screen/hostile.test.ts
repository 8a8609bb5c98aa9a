/** Whatever agents, servers and policies say, it stays in its cell: on a real terminal, at each size. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BodyPane, HEADER_ROWS, layoutOf, slotOf } from "../../src/screen/layout.ts";
import { CALLGATE, NODE, sandbox } from "../e2e/helpers.ts";
import { FakeGateway } from "./fake-gateway.ts";
import { TerminalUnderTest } from "./terminal.ts";

/** Escape sequences, bidirectional controls, wide, combining, joined and invisible characters. */
const EVIL = [
  "\x1b[2J\x1b[H\x1b]0;owned\x07",
  "\x1b]52;c;b3duZWQ=\x07\x1b[6n\x1b[?1049l",
  "\x9b31m\x9d0;owned\x9c\x1bPowned\x1b\\",
  "\u202eoverride\u202c\u2066isolate\u2069\u200fmark",
  "漢字かな한국어ｗｉｄｅ",
  "e\u0301\u0302\u0303\u0304\u0305\u0306 Z\u0351\u0352\u0353\u0354 \u0e01\u0e33 \u0915\u094d\u200d\u0937",
  "a\u200db\u200dc \u200b\ufeff\u00ad\u2060\u180e\ufe0f \u{e0041}\u{e0042}",
  "\r\n\t\v\f\b\x7f\0\u2028\u2029\u0085",
  "\ud800 \udc00 \ufffe \u{10ffff} \u1160\u3164\ua97c\u3248",
].join("~");
const LONG = EVIL.repeat(300);

/** Nothing of it may reach the terminal. */
const DANGEROUS =
  /\x1b\](?!52;c;[\w+/=]*\x07$)|\x1b\[6n|\x1bP|[\x80-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

const SCREEN = `
const { openScreen } = await import("./dist/screen/main.js");
await openScreen({ sockets: "all" });
`;

let home: string;
let gateway: FakeGateway;
let terminal: TerminalUnderTest;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "callgate-"));
  mkdirSync(join(home, "run"));
});
afterEach(async () => {
  terminal.kill();
  await gateway?.close();
  rmSync(home, { recursive: true, force: true });
});

/** A gateway that says hostile things wherever it says anything. */
async function hostileGateway(): Promise<FakeGateway> {
  const made = new FakeGateway(LONG, { endpoints: [LONG], cwd: LONG });
  const rule = { name: LONG, tool: LONG, file: LONG, line: 3 };
  const problem = { file: LONG, line: 1, col: 1, message: LONG, help: LONG };
  const plugin = {
    name: LONG,
    file: LONG,
    hash: LONG,
    problems: [problem],
    calls: 7,
    commands: [],
    since: 0,
  };
  made.policy = {
    ...made.policy,
    files: [LONG],
    problems: [problem],
    plugins: [{ ...plugin, state: "failed" }],
  };
  made.policy.history.push({ time: 0, ok: false, hash: LONG, rules: 1, problem: LONG });
  made.tools = [made.tool(LONG, LONG, 3, 1.5), { ...made.tool("plain", "read", 3, 1.5), upstream: LONG }];
  made.sessions = made.sessions.map((session) => ({ ...session, id: LONG, agent: LONG, upstream: LONG }));
  made.counters = [{ ...made.counter(LONG, LONG, "7", "9", 0.7), partition: LONG, window: LONG }];
  made.log = [{ time: Date.now(), level: "error", text: LONG }];
  const over = { agent: LONG, tool: LONG, session: LONG, arguments: JSON.stringify({ [EVIL]: LONG }) };
  for (let n = 0; n < 12; n++) {
    made.call(over);
    made.call({ ...over, verdict: "deny", rule, message: LONG });
    made.call({ ...over, would: { verdict: "deny", rule, message: LONG } });
  }
  await made.listen(join(home, "run", "a.sock"));
  return made;
}

/** The screen's own lines are where they belong, so that nothing beside them has moved. */
function intact(rows: number): void {
  expect(terminal.title).toBe("");
  expect(terminal.alternate).toBe(true);
  expect(terminal.scrolledOut).toBe(0);
  expect(terminal.rows()[0]).toMatch(/^ callgate /);
  expect(terminal.rows()[rows - 1]).toMatch(/q quit/);
  expect(terminal.output).not.toMatch(DANGEROUS);
}

const atTheEdges = () =>
  terminal.rows()[0]?.startsWith(" callgate ") === true &&
  terminal.rows().at(-1)?.includes("q quit") === true;

/** Where panes stand beside each other, the line between them is straight. */
function straight(columns: number, rows: number): void {
  const layout = layoutOf(
    { columns, rows },
    { pane: "calls", band: 3, counters: 1, holds: 0, prompt: false },
  );
  for (const pane of ["denials", "tools", "agents", "log"] satisfies BodyPane[]) {
    const slot = slotOf(layout, pane);
    if (!slot || slot.left === 0) continue;
    for (let row = slot.top; row < slot.top + slot.height; row++)
      expect(`${row} ${terminal.cell(slot.left - 2, HEADER_ROWS + 3 + row)}`).toBe(`${row} │`);
  }
}

describe.each([
  [80, 24],
  [120, 40],
  [200, 60],
])("hostile text on %ix%i", (columns, rows) => {
  it("stays in its cell in every pane and detail, and when the terminal is resized", async () => {
    gateway = await hostileGateway();
    terminal = new TerminalUnderTest(columns, rows, SCREEN, { CALLGATE_HOME: home });
    await terminal.until("36");
    await terminal.until(() => terminal.rows()[rows - 1]?.includes("q quit") === true);
    intact(rows);
    straight(columns, rows);
    for (const key of ["1", "2", "3", "4", "5", "6", "7", "8"]) {
      terminal.type(key);
      terminal.type("\r");
      await terminal.until("esc back");
      intact(rows);
      if (key === "1") {
        await terminal.until("gate 0.4ms");
        for (const inside of ["Z", "Z", "G"]) terminal.type(inside);
        await terminal.until("audit record");
        intact(rows);
      }
      terminal.type("\x1b");
      await terminal.until(() => !terminal.text().includes("esc back"));
      intact(rows);
      straight(columns, rows);
    }
    terminal.resize(columns - 20, rows - 4);
    await terminal.until(atTheEdges);
    intact(rows - 4);
    terminal.resize(columns, rows);
    await terminal.until(atTheEdges);
    terminal.type("1");
    await terminal.until(() => terminal.rows().at(-1)?.includes("follow") || columns < 100);
    gateway.publish(20, { agent: LONG, tool: LONG, arguments: JSON.stringify({ x: LONG }) });
    await terminal.until("56");
    intact(rows);
    straight(columns, rows);
    gateway.hold({ agent: LONG, tool: LONG, arguments: JSON.stringify({ x: LONG }) });
    await terminal.until("1 HELD");
    intact(rows);
    terminal.type(`/${EVIL.replaceAll(/[\x00-\x1f\x7f]/g, "")}`);
    await terminal.until(/no such|words|tool:/);
    expect(terminal.output).not.toMatch(DANGEROUS);
    expect(terminal.scrolledOut).toBe(0);
  });
});

it("5 MB through a real gateway, there and back, are a few rows that say how much is left", async () => {
  const box = sandbox();
  const agent = box.stdio();
  await agent.initialize();
  terminal = new TerminalUnderTest(120, 40, [NODE, CALLGATE, "watch"], box.env, box.dir);
  await terminal.until("No call yet");
  // A frame with half a surrogate goes no further.
  const evil = EVIL.toWellFormed();
  await agent.call("echo", { text: evil.repeat(5_000_000 / evil.length), [evil]: [evil] });
  await terminal.until("Calls 1");
  intact(40);
  terminal.type("\r");
  await terminal.until(/of [\d,]{9,} characters in all/);
  terminal.type("Z");
  terminal.type("Z");
  await terminal.until(/more lines|more below/);
  intact(40);
  terminal.type("G");
  await terminal.until(/audit record [\da-f]{64}/);
  intact(40);
});
