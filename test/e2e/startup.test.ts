/** What cannot run says what happened, where, and what to do; and does not run half. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WAYS } from "./agents.ts";
import { ALLOW_ALL, CALLGATE, ECHO, NODE, SEED, sandbox } from "./helpers.ts";

const POLICIES: readonly (readonly [string, string, RegExp])[] = [
  ["empty", "", /policy\.yaml:1:1 .+\n {2}help: /],
  ["a comment", "# nothing here\n", /policy\.yaml:1:1 .+\n {2}help: /],
  ["no YAML", "tools: [\n", /policy\.yaml:\d+:\d+ .+\n {2}help: /],
  [
    "of an unknown operator",
    SEED.replace('"lte"', '"lessthan"'),
    /policy\.yaml:9:17 unknown operator "lessthan"\n {2}help: .*lte/,
  ],
  [
    "of an unknown key",
    SEED.replace("on_deny", "on_denied"),
    /policy\.yaml:11:9 unknown key "on_denied"\n {2}help: .*on_deny/,
  ],
  [
    "of an unknown window",
    SEED.replace('"day"', '"fortnight"'),
    /policy\.yaml:\d+:\d+ .*window "fortnight".*\n {2}help: .*day/,
  ],
];

describe.each(WAYS)("callgate %s", (command) => {
  it.each(POLICIES)("with a policy that is %s", async (_what, text, says) => {
    const box = sandbox();
    const gateway = box.spawn(box.gate(command, { policy: box.policy(text) }));
    expect(await gateway.exited).toEqual({ code: 1, signal: null });
    expect(gateway.stderr).toMatch(says);
    expect(gateway.lines).toEqual([]);
    expect(box.received()).toEqual([]);
    expect(box.processes()).toEqual([]);
  });

  it("with a policy that is not there, or a folder without any", async () => {
    const box = sandbox();
    mkdirSync(join(box.dir, "none"));
    for (const policy of ["missing.yaml", "none"]) {
      const gateway = box.spawn(box.gate(command, { policy }));
      expect(await gateway.exited).toEqual({ code: 1, signal: null });
      expect(gateway.stderr).toMatch(new RegExp(`${policy}.*\n  help: `));
    }
  });

  it("with a home that cannot be written, does not run uncounted", async () => {
    const box = sandbox();
    const inTheWay = box.write("in-the-way", "");
    for (const home of ["/proc/callgate", join(inTheWay, "home")]) {
      const gateway = box.spawn(box.gate(command), { CALLGATE_HOME: home });
      expect(await gateway.exited).toEqual({ code: 1, signal: null });
      expect(gateway.stderr).toMatch(/callgate: .* cannot be used .* nothing runs uncounted.*CALLGATE_HOME/);
    }
    expect(box.received()).toEqual([]);
  });

  it("with a state file that is none", async () => {
    const box = sandbox();
    writeFileSync(join(box.home, "state.db"), "this is no database, ".repeat(500));
    const gateway = box.spawn(box.gate(command));
    expect(await gateway.exited).toEqual({ code: 1, signal: null });
    expect(gateway.stderr).toMatch(/callgate: .*state\.db/);
    expect(box.processes()).toEqual([]);
  });

  it("without a policy, without a server, with an option that is none: usage, status 2", async () => {
    const box = sandbox();
    const policy = box.policy(ALLOW_ALL);
    const lines: [string[], RegExp][] = [
      [["--", ...ECHO], /no policy is named.*-c/],
      [["-c", policy], /no server is named.*--/],
      [["-c", policy, "--frobnicate", "--", ...ECHO], /unknown option '--frobnicate'/],
      [["-c", policy, "--max-message", "none", "--", ...ECHO], /positive whole number/],
      [["-c", policy, "--log-level", "shout", "--", ...ECHO], /silent, error, warn, info/],
    ];
    for (const [args, says] of lines) {
      const gateway = box.callgate(command, ...args);
      expect(await gateway.exited, args.join(" ")).toEqual({ code: 2, signal: null });
      expect(gateway.stderr).toMatch(says);
    }
  });
});

it("stdio says which command is missing", async () => {
  const box = sandbox();
  const gateway = box.stdio({ server: ["no-such-server-anywhere"] });
  expect(await gateway.exited).toEqual({ code: 1, signal: null });
  expect(gateway.stderr).toMatch(
    /cannot start the server "no-such-server-anywhere": there is no such command/,
  );
});

it("serve says which port is in use, and on which address it may not listen", async () => {
  const box = sandbox();
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  const gateway = box.spawn(box.gate("serve", { args: ["--port", port] }));
  expect(await gateway.exited).toEqual({ code: 1, signal: null });
  expect(gateway.stderr).toMatch(new RegExp(`port ${port} on 127.0.0.1 is in use: .*--port 0`));
  other.close();

  const open = box.spawn(box.gate("serve", { args: ["--bind", "0.0.0.0"] }));
  expect(await open.exited).toEqual({ code: 2, signal: null });
  expect(open.stderr).toMatch(/--token/);
});

it("a word that is no command: usage, status 2; help and version: 0", async () => {
  const box = sandbox();
  const ends: [string[], number, RegExp][] = [
    [["frobnicate"], 2, /unknown command 'frobnicate'/],
    [[], 2, /Commands:/],
    [["--help"], 0, /Commands:/],
    [["--version"], 0, /^\d+\.\d+\.\d+$/],
    [["check"], 2, /missing required argument/],
  ];
  for (const [args, code, says] of ends) {
    const gateway = box.callgate(...args);
    expect((await gateway.exited).code, args.join(" ")).toBe(code);
    expect(`${gateway.lines.join("\n")}${gateway.stderr}`).toMatch(says);
  }
});

it("check lists every mistake, and is content with the policies that ship", async () => {
  const box = sandbox();
  const bad = box.policy(SEED.replace('"lte"', '"lessthan"').replace("on_deny", "on_denied"));
  const complaining = box.callgate("check", bad);
  expect((await complaining.exited).code).toBe(1);
  expect(complaining.lines.filter((line) => /policy\.yaml:\d+:\d+ /.test(line))).toHaveLength(2);
  const content = box.spawn([NODE, CALLGATE, "check", join(CALLGATE, "../../policies")]);
  expect(await content.exited).toEqual({ code: 0, signal: null });
});
