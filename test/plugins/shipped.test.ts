import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadPlugin } from "../../src/plugins/load.ts";
import type { LoadedPlugin } from "../../src/plugins/plugin.ts";
import { Supervisor } from "../../src/plugins/supervisor.ts";
import type { Call } from "../../src/policy/types.ts";
import type { JsonObject } from "../../src/wire/json.ts";
import { Counters } from "./counters.ts";
import { call, spec } from "./helpers.ts";

const FOLDER = join(import.meta.dirname, "../../plugins");
const supervisor = new Supervisor();
afterAll(() => supervisor.close());

async function shipped(name: string, config: object = {}): Promise<LoadedPlugin> {
  const { plugin, problems, issues } = await loadPlugin(
    supervisor,
    spec(FOLDER, { use: `${name}.ts`, config }),
  );
  if (plugin === null) throw new Error(JSON.stringify([...problems, ...issues]));
  return plugin;
}

/** "allow", or the verdict and its message. */
async function judged(plugin: LoadedPlugin, made: Call): Promise<string> {
  const { verdict, message, failure } = await plugin.onCall(made);
  expect(failure).toBeNull();
  return verdict === "allow" ? verdict : `${verdict}: ${message}`;
}

test("each is short, and says of itself what it is", async () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));
  expect(names).toEqual(
    [
      "intent",
      "no-loops",
      "office-hours",
      "path-jail",
      "pii-redactor",
      "sequence",
      "spend-by-customer",
      "sql-guard",
    ].map((name) => `${name}.ts`),
  );
  for (const name of [...names, ...readdirSync(join(FOLDER, "lib")).map((file) => `lib/${file}`)]) {
    const text = readFileSync(join(FOLDER, name), "utf8");
    expect(text.split("\n").length, name).toBeLessThanOrEqual(90);
    expect(text, name).toContain("/**");
  }
});

test("office-hours", async () => {
  const at = (time: string) => call("t", {}, { time: Date.parse(time) });
  const london = await shipped("office-hours", { timezone: "Europe/London" });
  expect(await judged(london, at("2026-07-28T08:00Z"))).toBe("allow"); // 09:00, summer time
  expect(await judged(london, at("2026-07-28T07:59Z"))).toBe(
    "deny: Open 09:00 to 18:00 (Europe/London), mon tue wed thu fri; it is tue 08:59",
  );
  expect(await judged(london, at("2026-01-27T08:59Z"))).toMatch(/^deny/);
  expect(await judged(london, at("2026-01-27T09:00Z"))).toBe("allow");
  expect(await judged(london, at("2026-07-28T17:00Z"))).toMatch(/^deny/);
  expect(await judged(london, at("2026-07-26T12:00Z"))).toMatch(/^deny.*it is sun 13:00/);
  // The clocks go forward on 29 March 2026: 01:30 UTC is 02:30.
  const night = await shipped("office-hours", {
    open: "22:00",
    close: "02:30",
    timezone: "Europe/London",
    days: ["sat"],
  });
  expect(await judged(night, at("2026-03-28T22:00Z"))).toBe("allow");
  expect(await judged(night, at("2026-03-29T01:29Z"))).toBe("allow");
  expect(await judged(night, at("2026-03-29T01:30Z"))).toMatch(/^deny.*it is sun 02:30/);
  expect(await judged(night, at("2026-03-29T22:30Z"))).toMatch(/^deny/);
  const nowhere = await shipped("office-hours", { timezone: "Europe/Lundun" });
  expect((await nowhere.onCall(at("2026-07-28T12:00Z"))).message).toMatch(
    /RangeError: Invalid time zone.*office-hours\.ts:\d+/,
  );
});

test("path-jail", async () => {
  const jail = await shipped("path-jail", { roots: ["/srv/files/", "/tmp/x"] });
  const path = (text: string) => judged(jail, call("read_file", { path: text }));
  for (const fine of [
    "/srv/files",
    "/srv/files/a.txt",
    "/srv/files/a/../b",
    "/srv//files/./a",
    "/tmp/x/y",
    "file:///srv/files/a",
    "/srv/files/.hidden",
    "/srv/files/a%20b",
  ]) {
    expect(await path(fine), fine).toBe("allow");
  }
  const tricks = [
    "/etc/passwd",
    "/srv/files/../../etc/passwd",
    "/srv/filesystem/a",
    "/srv/files/%2e%2e/%2e%2e/etc",
    "/srv/files/%252e%252e/%252e%252e/etc",
    "/srv/files/..%2f..%2fetc",
    "/srv/files\\..\\..\\etc",
    "~/a",
    "~root/a",
    "/srv/files/~",
    "a.txt",
    "",
    "../a",
    "./srv/files/a",
    "$HOME/a",
    "/srv/files/$(id)",
    "/srv/files/`id`",
    "%HOME%/a",
    "C:\\x",
    "\\\\host\\share",
    "//host/share",
    "http://x/srv/files/a",
    "file://host/srv/files/a",
    "/srv/files/\0/../../etc",
    "/srv/files/a\n/etc",
    "/srv/files/．．/．．/etc",
    "/srv/files/..∕..∕etc",
    "/srv/files/*",
    "/srv/files/{a,../../etc}",
    "/srv/files/%",
    "/srv/files/%ff",
    "/srv/files/%25252e%25252e/x",
    "/srv/files/.../x",
    "/srv/files/a./x",
    "/srv/files/a::$DATA",
    "/SRV/files/a",
    " /srv/files/a",
  ];
  for (const trick of tricks)
    expect(await path(trick), JSON.stringify(trick)).toMatch(/^deny: args\.path (is|has)/);
  expect(await judged(jail, call("copy", { from: { File: ["/srv/files/a", "/etc/passwd"] } }))).toBe(
    "deny: args.from.File[1] is outside /srv/files and /tmp/x",
  );
  expect(await judged(jail, call("copy", { targetPath: "/etc/x" }))).toMatch(/^deny: args\.targetPath/);
  expect(await judged(jail, call("say", { text: "/etc/passwd" }))).toBe("allow");
});

test("names of arguments in settings count whatever their case", async () => {
  const jail = await shipped("path-jail", { roots: ["/srv"], arguments: ["targetFile"] });
  for (const name of ["targetFile", "targetfile", "outPath"])
    expect(await judged(jail, call("write", { [name]: "/etc/x" })), name).toMatch(/^deny/);
  const guard = await shipped("sql-guard", { arguments: ["sqlText"] });
  expect(await judged(guard, call("run", { sqlText: "drop table t" }))).toMatch(/^deny/);
});

test("sql-guard", async () => {
  const reader = await shipped("sql-guard");
  const writer = await shipped("sql-guard", { allow: ["select", "insert", "update", "delete"] });
  const sql = (plugin: LoadedPlugin, text: string) => judged(plugin, call("query", { sql: text }));
  for (const fine of [
    "SELECT * FROM t",
    "select 1;",
    "-- why\nselect 'drop table x' as \"delete\"",
    "with a as (select 1) select * from a",
    "explain select 1",
    "select replace(a, 'x', '') from t for update",
    "(select 1) union (select 2)",
    "select t.delete from t /* update */",
    "select 'it''s; drop table x'",
    "",
  ]) {
    expect(await sql(reader, fine), fine).toBe("allow");
  }
  for (const [bad, why] of [
    ["DROP TABLE users", /DROP is not allowed here, only select/],
    ["select 1; drop table users", /DROP/],
    ["select 1 drop table users", /DROP/],
    ["sElEcT 1;/**/dRoP/**/tAbLe x", /DROP/],
    ["with gone as (delete from t returning *) select * from gone", /DELETE/],
    ["explain analyze delete from t", /DELETE/],
    ["insert into t values (1)", /INSERT/],
    ["update t set a = 1 where id = 1", /UPDATE/],
    ["select * into copied from t", /SELECT INTO writes/],
    ["select * from t into outfile '/tmp/x'", /SELECT INTO writes/],
    ["exec('drop table x')", /EXEC/],
    ["copy t to program 'sh'", /COPY/],
    ["set role admin", /SET/],
    ["select /*!50000 1; drop table x */", /cannot be read/],
    ["select 'a\\'; drop table x; --'", /cannot be read/],
    ["do $$ begin delete from t; end $$", /cannot be read/],
    ["select 1 --1\ndrop", /cannot be read/],
    ["select 'open", /cannot be read/],
    ["select (1", /cannot be read/],
    ["select 1 # drop", /cannot be read/],
    ["select 1 \u0000", /cannot be read/],
  ] as const) {
    expect(await sql(reader, bad), bad).toMatch(why);
  }
  for (const fine of [
    "delete from t where id = 1",
    "update t set a = 1 where id in (select id from u)",
    "insert into t select * from u",
    "insert into t (a) values (1) on conflict do update set a = 2",
    "update t set a = (select max(x) from u where true) where id = 3 or id = 4",
  ]) {
    expect(await sql(writer, fine), fine).toBe("allow");
  }
  for (const bad of [
    "delete from t",
    "update t set a = 1",
    "delete from t where 1=1",
    "delete from t where true",
    "delete from t where id = 1 or 1 = 1",
    "delete from t where ('a' = 'a')",
    "update t set a = (select b from u where id = 1)",
    "delete from t where",
    "delete from t; select 1 where id = 2",
    "delete from t select 1 from u where id = 2",
    "delete from t where id = id",
    "delete from t where 1",
    "with x as (update t set a = 1 returning 1) select * from x where id = 1",
  ]) {
    expect(await sql(writer, bad), bad).toMatch(/of all rows: say which with WHERE/);
  }
  expect(await judged(reader, call("q", { batch: [{ Query: "drop table x" }] }))).toMatch(/DROP/);
  expect(await judged(reader, call("q", { text: "drop table x" }))).toBe("allow");
});

test("intent", async () => {
  const plugin = await shipped("intent", {
    deny: ["DESTRUCTIVE_DATA", "DATA_EXFILTRATION", "PRIVILEGE_ESCALATION", "SYSTEM_MODIFICATION"],
    ask: ["CODE_EXECUTION"],
  });
  const of = (tool: string, args: JsonObject = {}) => plugin.onCall(call(tool, args));
  const found: [string, JsonObject, string, JsonObject][] = [
    ["deleteCustomer", {}, "DESTRUCTIVE_DATA", { tool: "delete" }],
    [
      "run",
      { steps: [{ cmd: "ls" }, { cmd: "rm -rf /srv" }] },
      "DESTRUCTIVE_DATA",
      { "args.steps[1].cmd": "rm -rf" },
    ],
    ["query", { sql: "DROP\n TABLE users" }, "DESTRUCTIVE_DATA", { "args.sql": "drop" }],
    ["query", { sql: "d\u200brop table users" }, "DESTRUCTIVE_DATA", { "args.sql": "drop" }],
    ["query", { sql: "ｄｒｏｐ table users" }, "DESTRUCTIVE_DATA", { "args.sql": "drop" }],
    ["query", { sql: "%64rop table users" }, "DESTRUCTIVE_DATA", { "args.sql": "drop" }],
    ["http", { url: "https://webhook.site/abc" }, "DATA_EXFILTRATION", { "args.url": "webhook.site" }],
    ["read", { path: "/home/a/.aws/credentials" }, "DATA_EXFILTRATION", { "args.path": ".aws/credentials" }],
    ["update_user", { role: "admin" }, "PRIVILEGE_ESCALATION", { "args.role": "role: admin" }],
    ["tool", { a: { isAdmin: true } }, "PRIVILEGE_ESCALATION", { "args.a.isAdmin": "is admin: true" }],
    ["shell", { cmd: "sudo ls" }, "PRIVILEGE_ESCALATION", { "args.cmd": "sudo" }],
    ["tool", { cmd: "apt-get -y install x" }, "SYSTEM_MODIFICATION", { "args.cmd": "install" }],
  ];
  for (const [tool, args, intent, evidence] of found) {
    const opinion = await of(tool, args);
    expect(opinion, tool).toMatchObject({ verdict: "deny", message: `This looks like ${intent}`, evidence });
    expect(await of(tool, args)).toEqual(opinion);
  }
  expect(await of("tool", { cmd: "python3 -c 'print(1)'" })).toMatchObject({
    verdict: "ask",
    evidence: { "args.cmd": "python3 -c" },
  });
  const harmless: [string, JsonObject][] = [
    ["list_charges", { customer: "cus_ada" }],
    ["get_weather", { city: "Droppington" }],
    ["say", { text: "executive summary of the undeleted rows, 100 % sure" }],
    ["create_charge", { amount: 1, nested: [null, 2, { ok: "yes" }] }],
  ];
  for (const [tool, args] of harmless) {
    expect(await judged(plugin, call(tool, args))).toBe("allow");
  }
});

test("pii-redactor", async () => {
  const plugin = await shipped("pii-redactor");
  const clean = async (text: string) => {
    const { verdict, result, failure } = await plugin.onResult(call("t"), {
      content: [{ type: "text", text }],
    });
    expect(failure).toBeNull();
    return verdict === "pass" ? text : JSON.parse(JSON.stringify(result)).content[0].text;
  };
  expect(await clean("Ada <ada.l+x@mail.example.co.uk>, call +44 20 7946 0958 or (020) 794-0958")).toBe(
    "Ada <[email]>, call [phone] or [phone]",
  );
  expect(await clean("card 4242 4242 4242 4242, not 4242 4242 4242 4241")).toBe(
    "card [card], not 4242 4242 4242 4241",
  );
  expect(
    await clean("GB82 WEST 1234 5698 7654 32 and DE89370400440532013000; not GB82 WEST 1234 5698 7654 33"),
  ).toBe("[iban] and [iban]; not GB82 WEST 1234 5698 7654 33");
  expect(
    await clean("078-05-1120 but 2026-07-28 10:00, order 12345678, version 1.2.3.4, ch_000000000000"),
  ).toBe("[ssn] but 2026-07-28 10:00, order 12345678, version 1.2.3.4, ch_000000000000");
  const result = {
    content: [{ type: "image", mimeType: "image/png", data: "YQ==a@b.cc" }],
    structuredContent: { people: [{ mail: "a@b.cc", n: 1 }] },
  };
  expect(await plugin.onResult(call("t"), result)).toMatchObject({
    verdict: "replace",
    result: { content: result.content, structuredContent: { people: [{ mail: "[email]", n: 1 }] } },
  });
  const told = {
    structuredContent: {
      "a@b.cc": { card: 4242424242424242, n: 12 },
      "c@d.ee": { mimeType: "image/x", data: "e@f.gg" },
    },
  };
  expect((await plugin.onResult(call("t"), told)).result).toEqual({
    structuredContent: {
      "[email]": { card: "[card]", n: 12 },
      "[email] 2": { mimeType: "image/x", data: "[email]" },
    },
  });
  const some = await shipped("pii-redactor", { kinds: ["card"] });
  expect((await some.onResult(call("t"), { content: [{ type: "text", text: "a@b.cc" }] })).verdict).toBe(
    "pass",
  );
});

/** Settles calls one after the other on counters in memory; "allow" or the verdict and its message. */
function desk(...plugins: LoadedPlugin[]) {
  const counters = new Counters();
  return (made: Call) => counters.judge(plugins, made);
}

test("no-loops", async () => {
  const judge = desk(await shipped("no-loops", { max: 2 }));
  const args = { a: 1, b: { c: [1, 2], d: "x" } };
  expect(await judge(call("t", args))).toBe("allow");
  expect(await judge(call("t", { b: { d: "x", c: [1, 2] }, a: 1 }))).toBe("allow");
  expect(await judge(call("t", args))).toBe(
    "deny: The same call 2 times in ten minutes: its answer will not change, try something else",
  );
  expect(await judge(call("t", { ...args, a: 2 }))).toBe("allow");
  expect(await judge(call("u", args))).toBe("allow");
  expect(await judge(call("t", args, { session: "s2" }))).toBe("allow");
});

test("sequence", async () => {
  const rules = {
    create_refund: { after: "get_charge", same: "charge" },
    delete_customer: { after: "create_refund" },
  };
  const judge = desk(await shipped("sequence", { rules }));
  expect(await judge(call("create_refund", { charge: "ch_1" }))).toBe(
    "deny: create_refund may only follow get_charge of the same charge: call that first",
  );
  expect(await judge(call("get_charge", { charge: "ch_1" }))).toBe("allow");
  expect(await judge(call("create_refund", { charge: "ch_2" }))).toMatch(/^deny/);
  expect(await judge(call("Create_Refund", { charge: "ch_2" }))).toMatch(/^deny/);
  expect(await judge(call("delete_customer"))).toBe(
    "deny: delete_customer may only follow create_refund: call that first",
  );
  expect(await judge(call("create_refund", { charge: "ch_1" }))).toBe("allow");
  expect(await judge(call("delete_customer"))).toBe("allow");
  expect(await judge(call("create_refund", { charge: "ch_1" }, { session: "s2" }))).toMatch(/^deny/);
});

test("spend-by-customer", async () => {
  const judge = desk(await shipped("spend-by-customer", { limit: 10, ask_above: 9 }));
  expect(await judge(call("pay", { amount: 5.1, customer: "Ada" }))).toBe("allow");
  expect(await judge(call("pay", { amount: 5, customer: "ada " }))).toBe(
    "deny: ada  has had 5.1 today: 5 more is over the limit of 10",
  );
  expect(await judge(call("pay", { amount: 3.7, customer: "ada" }))).toBe("allow");
  expect(await judge(call("pay", { amount: 0.5, customer: "ada" }))).toBe(
    "ask: ada would have had 9.3 today",
  );
  expect(await judge(call("pay", { amount: 10, customer: "bob" }))).toBe("ask: bob would have had 10 today");
  const wrong: JsonObject[] = [
    { amount: -1, customer: "x" },
    { amount: "1", customer: "x" },
    { customer: "x" },
    { amount: 1 },
  ];
  for (const args of wrong) {
    expect(await judge(call("pay", args))).toMatch(
      /^deny: (amount must be a number from 0|customer must be text)/,
    );
  }
  expect(await judge(call("pay", { amount: 9, customer: "ada" }, { time: Date.UTC(2026, 6, 29) }))).toBe(
    "allow",
  );
});
