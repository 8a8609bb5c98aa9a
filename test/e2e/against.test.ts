/** `callgate check --against`: policies beside what real servers list. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CALLGATE, NODE, PAYMENTS, ROOT, type Sandbox, sandbox } from "./helpers.ts";
import { Peer } from "./peer.ts";

const package_ = (name: string) => join(ROOT, `node_modules/@modelcontextprotocol/${name}/dist/index.js`);

async function check(box: Sandbox, ...args: string[]) {
  const peer = new Peer([NODE, CALLGATE, "check", ...args], { env: box.env, cwd: box.dir });
  const { code: status } = await peer.end();
  return { status, printed: peer.lines.join("\n"), errors: peer.stderr };
}

const WRONG = `version: "1"
hide: [delete_custmer]
tools: { create_charge: { rules: [{ name: r, conditions: [{ path: args.amout, op: lte, value: 5 }] }] } }
`;

describe("callgate check --against", () => {
  it("finds shipped policies to fit the servers that they are for", async () => {
    const box = sandbox();
    const filesystem = [NODE, package_("server-filesystem"), box.dir];
    expect(
      await check(box, join(ROOT, "policies/filesystem.yaml"), "--against", "--", ...filesystem),
    ).toMatchObject({
      status: 0,
      printed: expect.stringMatching(
        /filesystem.yaml: ok .*\nserver-filesystem: 14 tools, none refused outright$/,
      ),
    });
    expect(
      await check(box, join(ROOT, "policies/payments.yaml"), "--against", "--", ...PAYMENTS),
    ).toMatchObject({
      status: 0,
      printed: expect.stringMatching(
        /ok .*\npayments-server: 5 tools, 1 refused: delete_customer \(hidden\)$/,
      ),
    });
  });

  it("says what does not fit, with what was meant", async () => {
    const box = sandbox();
    const { status, printed } = await check(box, box.policy(WRONG), "--against", "--", ...PAYMENTS);
    expect(status).toBe(0);
    expect(printed).toMatch(
      /policy.yaml:2:8 warning: the server has no tool "delete_custmer"\n {2}help: .*Did you mean "delete_customer"\?/,
    );
    expect(printed).toMatch(
      /policy.yaml:3:67 warning: the tool "create_charge" does not have args.amout\n {2}help: .*"amount"\?/,
    );
  });

  it("asks all servers of a file, and the one that a policy is for", async () => {
    const box = sandbox();
    const [command = "", ...args] = PAYMENTS;
    const memory = {
      command: NODE,
      args: [package_("server-memory")],
      env: { MEMORY_FILE_PATH: join(box.dir, "memory") },
    };
    const servers = box.write(
      "servers.json",
      JSON.stringify({ mcpServers: { pay: { command, args }, memory } }),
    );
    box.policy('version: "1"\nservers: [memory]\ntools: { read_grap: { rules: [] } }\n', "memory.yaml");
    box.policy('version: "1"\nservers: [slack]\n', "slack.yaml");
    const files = ["memory.yaml", "slack.yaml"].map((name) => join(box.dir, name));
    const { printed } = await check(box, ...files, "--against", "--servers", servers);
    expect(printed).toContain('memory.yaml:3:10 warning: the server has no tool "read_grap"');
    expect(printed).toContain(
      "slack.yaml:2:10 warning: the file is for no server that is called pay, memory",
    );
    expect(printed).toMatch(/\npay: 5 tools, none refused outright\nmemory: 9 tools, none refused outright$/);
  });

  it("asks a server at a URL", async () => {
    const box = sandbox();
    const { url } = await box.serve({ server: PAYMENTS });
    const { printed } = await check(
      box,
      box.policy(WRONG),
      "--against",
      "--upstream",
      url.href,
      "--name",
      "pay",
    );
    expect(printed).toMatch(/\npay: 5 tools, none refused outright$/);
  });

  it.each([
    [
      ["--against", "--", "no-such-command"],
      1,
      /no-such-command.*does not list its tools: cannot start .*no such command on the PATH/,
    ],
    [
      ["--against", "--", NODE, "-e", "console.error('boo'); process.exitCode = 3"],
      1,
      /does not list its tools: .*\nIt printed:\nboo/,
    ],
    [["--against"], 2, /no server is named/],
    [["--", "node"], 2, /say so with --against/],
    [["--name", "x"], 2, /say so with --against/],
  ])("%j: says why not", async (args, status, error) => {
    const box = sandbox();
    const run = await check(box, box.policy('version: "1"\n'), ...args);
    expect(run.status).toBe(status);
    expect(run.errors).toMatch(error);
  });
});
