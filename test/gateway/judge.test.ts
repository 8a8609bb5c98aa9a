/** The decision path, without a wire. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AuditLog } from "../../src/audit/log.ts";
import type { Judgement } from "../../src/gateway/calls/judgement.ts";
import { together } from "../../src/gateway/calls/together.ts";
import { judge } from "../../src/gateway/pipeline.ts";
import type { Call } from "../../src/policy/types.ts";
import { MemoryStore } from "../../src/state/memory.ts";
import { openSqliteStore } from "../../src/state/sqlite.ts";
import type { Store } from "../../src/state/store.ts";
import { call, policyOf, rules } from "../policy/helpers.ts";
import { scratch } from "../state/scratch.ts";
import { approved, failing, gateOver, now as there } from "./gate.ts";

function set(text: string, shadow = false, store: Store = new MemoryStore()) {
  const now = { policy: policyOf(text), down: false };
  const dir = scratch();
  const audit = new AuditLog(dir, "gw", "0", () => 0);
  const gate = gateOver({
    policy: () => now.policy,
    store: failing(store, () => now.down),
    audit,
    clock: () => 0,
    shadow,
  });
  return {
    now,
    judge: (made: Call) =>
      there(judge({ call: made, bytes: 10, continues: null, withdrawn: () => null }, gate)),
    /** Micros in all counters together. */
    counted: () => store.list(0, 10).reduce((sum, { used }) => sum + used, 0n) / 1_000_000n,
    verdicts() {
      audit.flush();
      const text = readdirSync(dir).map((name) => readFileSync(join(dir, name), "utf8"));
      const records = text.flatMap((each) => each.split("\n").slice(0, -1)).map((line) => JSON.parse(line));
      return records.flatMap(({ kind, call, verdict, answer, outcome }) =>
        kind === "open" ? [] : [`${call} ${verdict ?? answer ?? outcome}`],
      );
    },
  };
}

const ASKS = [
  "{ name: first, action: ask, when: [{ path: args.n, op: gt, value: 1 }] }",
  "{ name: second, action: ask, when: [{ path: args.n, op: gt, value: 100 }] }",
];

test("approvals of a policy that is not in force any more are worth nothing", () => {
  const { now, judge } = set(rules(...ASKS));
  const asked = approved(judge(call("t", { n: 5 })), { n: 500 });
  expect(asked.decision.ask?.rules.map(({ name }) => name)).toEqual(["second"]);
  now.policy = policyOf(`${rules(...ASKS)}description: another\n`);
  const anew = approved(asked);
  expect(anew.decision.ask?.rules.map(({ name }) => name)).toEqual(["first", "second"]);
  expect(approved(anew).decision.verdict).toBe("allow");
});

test("a call that was approved is not asked about again where its counters cannot be reached", () => {
  const { now, judge } = set(rules("{ name: ask, action: ask }", "{ name: pace, rate_limit: 1/day }"));
  const asked = judge(call("t"));
  now.down = true;
  expect(approved(asked).decision.verdict).toBe("allow");
});

test("a counter that is full is no counter that cannot be reached: the call is denied", () => {
  const store = openSqliteStore(join(scratch(), "state.db"));
  const { judge } = set(
    rules("{ name: r, state: { counter: c, window: forever, increment_from: args.n } }"),
    false,
    store,
  );
  for (let i = 0; i < 9; i++) expect(judge(call("t", { n: 1e12 })).decision.verdict).toBe("allow");
  expect(judge(call("t", { n: 1e12 })).decision).toMatchObject({
    verdict: "deny",
    message: expect.stringContaining("9.2 trillion"),
  });
  store.close();
});

test("--shadow blocks nothing, whether or not counters can be reached", () => {
  const { now, judge } = set(rules("{ name: no, action: deny }", "{ name: pace, rate_limit: 1/day }"), true);
  now.down = true;
  const { decision } = judge(call("t"));
  expect([decision.verdict, decision.would?.verdict]).toEqual(["allow", "deny"]);
});

const RESOURCES = `version: "1"
resources:
  "db://counted/**": { rules: [{ name: pace, rate_limit: 5/day }] }
  "db://asked/**": { rules: [{ name: a person looks, action: ask }] }
  "db://closed/**": { rules: [{ name: closed, action: deny }] }
`;
const read = (uri: string) => call(uri, {}, { kind: "resource" });

/** What a request for several resources comes to. */
function several(uris: readonly string[]) {
  const here = set(RESOURCES);
  const [first, ...more] = uris.map((uri) => here.judge(read(uri)));
  if (first === undefined) throw new Error("no resources");
  return { ...here, all: together([first, ...more]) };
}

test("of several resources one that is refused takes back what the others reserved", () => {
  const { all, counted, verdicts } = several([
    "db://counted/1",
    "db://counted/2",
    "db://asked/1",
    "db://closed/1",
  ]);
  expect(all.decision.rule?.name).toBe("closed");
  expect(counted()).toBe(0n);
  expect(verdicts()).toEqual(["1 allow", "2 allow", "3 ask", "4 deny", "1 deny", "2 deny", "3 cancelled"]);
});

test("of several resources each is asked about, and the rest waits", () => {
  const asked = several(["db://counted/1", "db://asked/1", "db://asked/2"]);
  expect(asked.all.id).toBe("2");
  const second: Judgement = approved(asked.all);
  expect([second.id, second.decision.verdict]).toEqual(["3", "ask"]);
  const allowed = approved(second);
  expect(allowed.decision.verdict).toBe("allow");
  expect(asked.counted()).toBe(1n);

  const refused = several(["db://counted/1", "db://asked/1", "db://asked/2"]);
  expect(approved(refused.all).reject("denied", "no")).toBe("no");
  expect(refused.counted()).toBe(0n);
});

test("of several resources each is settled, and given back where the server refuses", () => {
  const answer = (all: Judgement, error?: { code: number; message: string }) =>
    all.answered({ kind: "response", id: 1, result: error === undefined ? {} : undefined, error }, "{}");
  const fine = several(["db://counted/1", "db://counted/2"]);
  answer(fine.all);
  expect(fine.verdicts().slice(2)).toEqual(["1 ok", "2 ok"]);
  expect(fine.counted()).toBe(2n);
  const failed = several(["db://counted/1", "db://counted/2"]);
  answer(failed.all, { code: -32000, message: "no" });
  expect(failed.counted()).toBe(0n);
  const lost = several(["db://counted/1", "db://counted/2"]);
  lost.all.lost();
  expect(lost.verdicts().slice(2)).toEqual(["1 lost", "2 lost"]);
});
