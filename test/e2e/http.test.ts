/** The HTTP listener against web pages, strangers and careless agents. Nothing of what it refuses reaches a server. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { onHttp, post } from "./agents.ts";
import { ALLOW_ALL, ECHO, type Message, NODE, type Sandbox, sandbox } from "./helpers.ts";
import { alive } from "./processes.ts";

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
});

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** A request with any headers at all, which `fetch` does not let through. */
function raw(url: URL, headers: Record<string, string>, body = INITIALIZE, method = "POST"): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const defaults = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const request = httpRequest(url, { method, headers: { ...defaults, ...headers } }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    request.on("error", reject);
    request.end(method === "POST" ? body : undefined);
  });
}

const code = ({ body }: Reply) => (JSON.parse(body) as Message).error?.code;

describe("who may speak to it", () => {
  const HOSTS: [string, Record<string, string>][] = [
    ["another Host", { host: "evil.example" }],
    ["a Host that begins like ours", { host: "localhost.evil.example" }],
    ["a Host with a user in it", { host: "localhost@evil.example" }],
    ["another Origin", { origin: "https://evil.example" }],
    ["the Origin null", { origin: "null" }],
    ["an Origin that is no URL", { origin: "localhost" }],
    ["an Origin of a file", { origin: "file://localhost" }],
  ];

  it.each(HOSTS)("not %s: 403", async (_what, headers) => {
    const box = sandbox();
    const { url } = await box.serve();
    for (const method of ["POST", "GET", "DELETE", "OPTIONS"]) {
      expect((await raw(url, headers, INITIALIZE, method)).status).toBe(403);
    }
    expect(box.received()).toEqual([]);
  });

  it("a page of this machine may, on any port", async () => {
    const { url } = await sandbox().serve();
    for (const origin of ["http://localhost:5173", "http://127.0.0.1", "http://[::1]:8080"]) {
      expect((await raw(url, { origin })).status).toBe(200);
    }
    expect((await raw(url, { host: `LOCALHOST:${url.port}` })).status).toBe(200);
  });

  it("only who shows the token, where there is one: 401", async () => {
    const box = sandbox();
    const { url } = await box.serve({ args: ["--token", "s3cret"] });
    for (const authorization of ["", "Bearer ", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret"]) {
      const reply = await raw(url, authorization === "" ? {} : { authorization });
      expect(reply.status).toBe(401);
      expect(reply.body).not.toContain("s3cret");
    }
    expect(box.received()).toEqual([]);
    expect((await raw(url, { authorization: "Bearer s3cret" })).status).toBe(200);
    expect(box.received()).not.toEqual([]);
  });

  it.each(["0.0.0.0", "::"])("nobody at %s without a token: it does not start", async (address) => {
    const box = sandbox();
    const policy = box.policy(ALLOW_ALL);
    const gateway = box.callgate("serve", "-c", policy, "--bind", address, "--", ...ECHO);
    expect(await gateway.exited).toMatchObject({ code: 2 });
    expect(gateway.stderr).toContain(`--bind ${address} opens the gateway to the network`);
    expect(gateway.stderr).toContain("--token");
  });
});

describe("what it takes", () => {
  it("a body up to --max-message: 413, and the next request is served", async () => {
    const box = sandbox();
    const { url, gateway } = await box.serve({ args: ["--max-message", "2000"] });
    const agent = await onHttp(url, gateway);
    await agent.ask("ping"); // the server has read all that came before
    const before = box.received().length;
    const long = PING.replace("}", `,"params":{"x":"${"x".repeat(2_000)}"}}`);
    const reply = await raw(url, { ...agent.headers }, long);
    expect(reply.status).toBe(413);
    expect(reply.body).toContain("--max-message");
    expect(box.received()).toHaveLength(before);
    expect(JSON.parse(await agent.ask("ping")).result).toEqual({});
  });

  it.each([
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/jsonp",
  ])("not the content type %j: 415", async (type) => {
    const box = sandbox();
    const { url } = await box.serve();
    expect((await raw(url, { "content-type": type })).status).toBe(415);
    expect(box.received()).toEqual([]);
  });

  it.each(["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])(
    "the content type %s",
    async (type) => {
      const { url } = await sandbox().serve();
      expect((await raw(url, { "content-type": type })).status).toBe(200);
    },
  );

  it("one JSON-RPC message a body, whose every reader reads the same: 400", async () => {
    const box = sandbox();
    const { url, gateway } = await box.serve();
    const agent = await onHttp(url, gateway);
    const { headers } = agent;
    await agent.ask("ping"); // the server has read all that came before
    const before = box.received().length;
    const bodies: [string | Buffer, number][] = [
      [`[${PING}]`, -32600],
      [PING.replace('"ping"', '"ping","method":"tools/call"'), -32700],
      [`\ufeff${PING}`, -32700],
      [Buffer.from([...Buffer.from(PING.slice(0, -1)), 0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), -32700],
      ["", -32700],
      [`${PING}\n${PING}`, -32700],
    ];
    for (const [body, expected] of bodies) {
      const response = await fetch(url, {
        method: "POST",
        body,
        headers: {
          ...headers,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
      });
      const reply = { status: response.status, body: await response.text() };
      expect(reply.status, String(body)).toBe(400);
      expect(code(reply), String(body)).toBe(expected);
    }
    expect(box.received()).toHaveLength(before);
  });

  it("nothing at other paths and with other methods, and says where and which", async () => {
    const { url } = await sandbox().serve();
    const elsewhere = await raw(new URL("/other", url), {});
    expect(elsewhere.status).toBe(404);
    expect(elsewhere.body).toContain("/mcp");
    const other = await raw(url, {}, "", "PUT");
    expect(other.status).toBe(405);
    expect(other.body).toContain("POST, GET or DELETE");
  });

  it("a broken HTTP request costs nobody else anything", async () => {
    const { url, gateway } = await sandbox().serve();
    const agent = await onHttp(url, gateway);
    for (const bytes of [
      "\0\0\0\0\r\n\r\n",
      "POST /mcp HTTP/1.1\r\nContent-Length: 10\r\nContent-Length: 20\r\n\r\n",
    ]) {
      const socket = connect(Number(url.port), "127.0.0.1");
      socket.write(bytes);
      await new Promise((resolve) =>
        socket
          .on("close", resolve)
          .on("error", () => {})
          .resume(),
      );
    }
    const half = connect(Number(url.port), "127.0.0.1");
    half.write(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    half.destroy();
    expect(JSON.parse(await agent.ask("ping")).result).toEqual({});
  });
});

/** Memory of the gateway, in MiB. */
const memory = ({ pid }: { pid: number }) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
const HEAD = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

describe.runIf(process.platform === "linux")("memory", () => {
  it("holds no more of a message than its bytes, however small its pieces", { timeout: 60_000 }, async () => {
    const { url, gateway } = await sandbox().serve();
    const socket = connect(Number(url.port), "127.0.0.1");
    const before = memory(gateway);
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    const pieces = "1\r\n \r\n".repeat(10_000);
    for (let i = 0; i < 100; i++) if (!socket.write(pieces)) await once(socket, "drain");
    socket.write(`${INITIALIZE.length.toString(16)}\r\n${INITIALIZE}\r\n0\r\n\r\n`);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toContain("HTTP/1.1 200 OK");
    expect(memory(gateway) - before).toBeLessThan(200);
    socket.destroy();
  });

  it("is not filled by messages that never end: the longest are cut off", { timeout: 60_000 }, async () => {
    const { url, gateway } = await sandbox().serve();
    const before = memory(gateway);
    const part = Buffer.alloc(1024 * 1024, " ");
    let cut = 0;
    const sockets = Array.from({ length: 8 }, () => connect(Number(url.port), "127.0.0.1"));
    const sent = sockets.map(async (socket) => {
      const gone = new Promise((resolve) => socket.on("close", resolve));
      socket.on("error", () => {}).on("close", () => cut++);
      socket.write(`${HEAD}Content-Length: 60000000\r\n\r\n`);
      for (let i = 0; i < 57 && !socket.destroyed; i++) {
        if (!socket.write(part)) await Promise.race([once(socket, "drain").catch(() => {}), gone]);
      }
    });
    await Promise.all(sent);
    await expect.poll(() => cut).toBeGreaterThan(2);
    expect((await raw(url, {})).status).toBe(200);
    expect(memory(gateway) - before).toBeLessThan(700);
    for (const socket of sockets) socket.destroy();
  });

  it("an address that is none is not found", async () => {
    const { url } = await sandbox().serve();
    const socket = connect(Number(url.port), "127.0.0.1");
    socket.write("GET // HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(String((await once(socket, "data"))[0])).toContain("HTTP/1.1 404");
    socket.destroy();
  });
});

describe("sessions", () => {
  it("are named: an unknown one is 404, none is 400", async () => {
    const box = sandbox();
    const { url } = await box.serve();
    for (const method of ["POST", "GET", "DELETE"]) {
      expect((await raw(url, { "mcp-session-id": "no-such" }, PING, method)).status).toBe(404);
      expect((await raw(url, {}, PING, method)).status).toBe(400);
    }
    expect(box.received()).toEqual([]);
  });

  it("end with DELETE, and their server with all that it started", async () => {
    const box = sandbox();
    const script = `
      const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
      process.stderr.write("family " + process.pid + " " + child.pid + "\\n");
      require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
        const { id } = JSON.parse(line);
        if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: {} }));
      });
      setInterval(() => {}, 1000); // stays when its input ends`;
    const { url, gateway } = await box.serve({ server: [NODE, "-e", script], args: ["--log-level", "info"] });
    const { headers } = await onHttp(url, gateway);
    const said = /family (\d+) (\d+)/.exec(await gateway.logged(/family \d+ \d+\n/));
    const family = [Number(said?.[1]), Number(said?.[2])];
    expect(family.map(alive)).toEqual([true, true]);
    expect((await raw(url, headers, "", "DELETE")).status).toBe(200);
    expect((await raw(url, headers, PING)).status).toBe(404);
    await expect.poll(() => family.map(alive), { timeout: 8_000 }).toEqual([false, false]);
  });

  it("are limited in number: 503, and room again when one ends", { timeout: 120_000 }, async () => {
    const box = sandbox();
    const { url } = await box.serve({ server: cheapServer(box) });
    const open = async () => {
      const response = await post(url, INITIALIZE);
      await response.text();
      return { status: response.status, "mcp-session-id": response.headers.get("mcp-session-id") ?? "" };
    };
    const sessions = [];
    for (let i = 0; i < 16; i++) sessions.push(...(await Promise.all(Array.from({ length: 16 }, open))));
    expect(new Set(sessions.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await open()).status).toBe(503);
    const [first] = sessions;
    await raw(url, { "mcp-session-id": first?.["mcp-session-id"] ?? "" }, "", "DELETE");
    expect((await open()).status).toBe(200);
  });
});

/** A server so small that hundreds of it fit: a shell that answers every line with the id 0. */
function cheapServer(box: Sandbox): string[] {
  const answer = '{"jsonrpc":"2.0","id":0,"result":{}}';
  return ["sh", box.write("server.sh", `while read -r line; do echo '${answer}'; done\n`)];
}
