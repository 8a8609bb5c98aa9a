/** What replaying costs: `node test/bench/replay.ts [CALLS]`, each a `call` and a `result` record. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditLog } from "../../src/audit/log.ts";
import { compile } from "../../src/policy/compile/compile.ts";
import { parse } from "../../src/policy/source/parse.ts";
import { readRecords } from "../../src/replay/read.ts";
import { Replay } from "../../src/replay/replay.ts";
import { POLICY } from "./targets.ts";

const calls = Number(process.argv[2] ?? 50_000);
const dir = mkdtempSync(join(tmpdir(), "callgate-bench-"));
try {
  const parsed = parse(POLICY, "policy.yaml");
  if (!parsed.ok) throw new Error("the policy of the bench has a mistake");
  const file = write();
  const start = performance.now();
  const replay = new Replay({ policy: compile([parsed.source]), seats: [] });
  for await (const { gateway, record } of readRecords([file], () => {})) replay.take(gateway, record);
  const seconds = (performance.now() - start) / 1000;
  const { flipped } = replay.report();
  const bar = (10 * 2 * calls) / 100_000;
  const took = `${seconds.toFixed(2)} s (at most ${bar})`;
  console.log(`replay, ${2 * calls} records of ${calls} calls: ${took}, ${flipped} flipped`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

function write(): string {
  let time = Date.parse("2026-03-02T09:00:00Z");
  const log = new AuditLog(dir, "bench", "0", () => time);
  for (let i = 1; i <= calls; i++) {
    time += 20;
    log.append({
      kind: "call",
      call: String(i),
      arrived: time,
      upstream: "payments",
      agent: "bench",
      session: "s1",
      target: "tool",
      tool: "create_charge",
      annotations: { title: "Charge", readOnlyHint: false, destructiveHint: true },
      arguments: {
        amount: 1250,
        currency: "usd",
        customer: "cus_ada",
        description: "Support hours, October",
        metadata: { order: "A-1041", seats: 3 },
      },
      recorded: "whole",
      edited: null,
      plugins: [],
      verdict: "allow",
      rule: null,
      message: "",
      shadow: false,
      would: null,
      policy: "0".repeat(64),
      counters: [{ id: "c", before: "0", add: "1250" }],
      uncounted: false,
    });
    log.append({
      kind: "result",
      call: String(i),
      outcome: "ok",
      resultHash: "0".repeat(64),
      bytes: 128,
      ms: 1.5,
      refunded: false,
      handed: null,
      plugins: [],
    });
    if (i % 100 === 0) log.flush();
  }
  const { path } = log;
  log.close("done");
  if (path === null) throw new Error("the log could not be written");
  return path;
}
