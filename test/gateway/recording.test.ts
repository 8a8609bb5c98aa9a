/** What logs and screens keep of arguments. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AuditLog } from "../../src/audit/log.ts";
import { recordSchema } from "../../src/audit/schema.ts";
import { judge } from "../../src/gateway/pipeline.ts";
import { MemoryStore } from "../../src/state/memory.ts";
import type { JsonObject } from "../../src/wire/json.ts";
import { call, policyOf } from "../policy/helpers.ts";
import { scratch } from "../state/scratch.ts";
import { gateOver } from "./gate.ts";

const RULES = `tools:
  t:
    rules:
      - { name: long, conditions: [{ path: args.password, op: length_gte, value: 20 }, { path: args.note, op: eq, value: fine }] }
`;

/** What is recorded, and shown, of a call under files with these beginnings. */
async function kept(heads: readonly string[], args: JsonObject) {
  const policy = policyOf(...heads.map((head, i) => `version: "1"\n${head}${i === 0 ? RULES : ""}`));
  const dir = scratch();
  const audit = new AuditLog(dir, "gw", "0", () => 0);
  const gate = gateOver({ policy: () => policy, store: new MemoryStore(), audit, clock: () => 0 });
  const judged = await judge(
    { call: call("t", args), bytes: 100, continues: null, withdrawn: () => null },
    gate,
  );
  audit.flush();
  const [name = ""] = readdirSync(dir);
  const text = readFileSync(join(dir, name), "utf8");
  const record = recordSchema.parse(JSON.parse(text.split("\n")[1] ?? ""));
  if (record.kind !== "call") throw new Error("not the call");
  const shown = JSON.stringify(gate.history.detail(judged.id), (_, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return { record, shown, told: judged.decision.message };
}

const SECRET = { password: "hunter2", note: "token sk_live_0123456789abcdef" };

test("masked, where nothing is said: in arguments, in messages that quote them, and in traces", async () => {
  const { record, shown, told } = await kept([""], SECRET);
  expect(told).toContain('args.password is "hunter2"');
  expect(record).toMatchObject({
    recorded: "masked",
    arguments: { password: "[masked]", note: "token [masked]" },
    message: expect.stringContaining('args.password is "[masked]", and must have at least 20'),
  });
  for (const text of [JSON.stringify(record), shown]) {
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain("0123456789abcdef");
  }
});

test("full", async () => {
  const { record, shown } = await kept(["audit: { arguments: full }\n"], SECRET);
  expect(record).toMatchObject({ recorded: "whole", arguments: SECRET });
  expect(record.message).toContain("hunter2");
  expect(shown).not.toContain("hunter2");
});

test("hash: neither arguments nor messages, and equal hashes whatever the secret", async () => {
  const one = await kept(["audit: { arguments: hash }\n"], SECRET);
  const other = await kept(["audit: { arguments: hash }\n"], { ...SECRET, password: "hunter3" });
  expect(one.record).toMatchObject({
    recorded: "hash",
    arguments: { $hash: expect.stringMatching(/^[0-9a-f]{64}$/), $bytes: 100 },
    message: "",
    rule: { name: "long" },
  });
  expect(one.record.arguments).toEqual(other.record.arguments);
  expect(JSON.stringify(one.record)).not.toMatch(/hunter2|note/);
});

test.each([
  [["", "audit: { arguments: full }\n"], "whole"],
  [["audit: { arguments: full }\n", "audit: { arguments: masked }\n"], "masked"],
  [["audit: { arguments: hash }\n", "audit: { arguments: full }\n"], "hash"],
  [["", "servers: [other]\naudit: { arguments: hash }\n"], "masked"],
  [["mode: shadow\naudit: { arguments: hash }\n"], "hash"],
])("of several files for a server the least that one says: %j", async (heads, recorded) => {
  expect((await kept(heads, SECRET)).record.recorded).toBe(recorded);
});
