import { AuditLog } from "../../src/audit/log.ts";
import type { Judgement } from "../../src/gateway/calls/judgement.ts";
import type { Gate } from "../../src/gateway/gate.ts";
import type { Operator } from "../../src/gateway/operator/operator.ts";
import { judge } from "../../src/gateway/pipeline.ts";
import { whatIf } from "../../src/gateway/views/what-if.ts";
import type { Policy } from "../../src/policy/compile/compile.ts";
import type { Call } from "../../src/policy/types.ts";
import { readRecords } from "../../src/replay/read.ts";
import { Replay, type ReplayReport } from "../../src/replay/replay.ts";
import { MemoryStore } from "../../src/state/memory.ts";
import type { Store } from "../../src/state/store.ts";
import { isObject, type JsonObject } from "../../src/wire/json.ts";
import { parseStrict } from "../../src/wire/parse.ts";
import { approved, failing, gateOver, now } from "../gateway/gate.ts";

/** How a call goes on once it has been let through or held. */
export type Ending = "ok" | "tool_error" | "error" | "input_required" | "cancelled" | "lost" | "open";

export interface Step {
  /** ms since the step before. */
  readonly after: number;
  readonly call: Pick<Call, "tool" | "agent" | "session" | "upstream" | "annotations" | "kind">;
  /** As JSON: what goes over the wire. */
  readonly args: string;
  readonly bytes: number;
  /** What a person says where one is asked; an object edits the arguments. */
  readonly person: "yes" | "no" | "nobody" | JsonObject;
  readonly ending: Ending;
  /** Whether the counters cannot be reached when it arrives. */
  readonly down?: boolean;
  /** What the server answers, where it answers with a text; else nothing. */
  readonly says?: string;
}

/** What a gateway records of calls: the real way from decision to settled result, without a wire. */
export class Play {
  time = Date.parse("2026-03-02T11:59:30Z");
  readonly #gate: Gate;
  readonly operator: Operator;
  readonly audit: AuditLog;
  /** The calls that wait for another round. */
  readonly #asked: Step[] = [];

  /** Whether the counters cannot be reached now. */
  #down = false;

  constructor(dir: string, policy: Policy, shadow = false, kept: Store = new MemoryStore()) {
    const clock = () => this.time;
    const store = failing(kept, () => this.#down);
    this.audit = new AuditLog(dir, "gw", "0.1.0", clock);
    this.#gate = gateOver({ policy: () => policy, store, audit: this.audit, clock, shadow });
    this.operator = this.#gate.operator;
  }

  step(step: Step): void {
    this.time += step.after;
    this.#submit(step, null);
  }

  /** The agent goes on with the call whose server asked for input first. */
  nextRound(ending: Ending): void {
    const step = this.#asked.shift();
    if (step !== undefined) this.#submit({ ...step, ending }, { state: null });
  }

  /** What the same rules would have made of its calls. */
  whatIf() {
    return whatIf(this.#gate.history.last(1_000), this.#gate.ruleset());
  }

  close(): void {
    this.#gate.turn.flush();
    this.audit.close("done");
  }

  #submit(step: Step, continues: { state: string | null } | null): void {
    const args = parseStrict(step.args);
    if (!isObject(args)) throw new Error("arguments are an object");
    const call = { ...step.call, args, time: this.time };
    this.#down = step.down === true;
    const judgement = now(judge({ call, bytes: step.bytes, continues, withdrawn: () => null }, this.#gate));
    this.#down = false;
    this.#follow(step, judgement, 0);
  }

  #follow(step: Step, judgement: Judgement, asked: number): void {
    const { verdict } = judgement.decision;
    if (verdict === "deny") return;
    if (verdict === "ask") {
      const { person } = step;
      this.time += 1_500;
      if (person === "nobody") return;
      if (person === "no" || asked > 3) return void judgement.reject("denied", "no");
      this.#follow(step, approved(judgement, person === "yes" ? null : person), asked + 1);
      return;
    }
    this.time += 20;
    this.#end(step, judgement);
  }

  #end(step: Step, judgement: Judgement): void {
    const answered = (answer: { result?: JsonObject; error?: { code: number; message: string } }) => {
      const response = { kind: "response", id: 1, result: undefined, error: undefined, ...answer } as const;
      const text = JSON.stringify({ jsonrpc: "2.0", id: 1, ...answer });
      const handed = judgement.handed(response, text);
      if (handed instanceof Promise) throw new Error("no plugin is asked");
      judgement.answered(response, handed ?? text);
    };
    const content = step.says === undefined ? [] : [{ type: "text", text: step.says }];
    switch (step.ending) {
      case "ok":
        return answered({ result: { content } });
      case "tool_error":
        return answered({ result: { content, isError: true } });
      case "error":
        return answered({ error: { code: -32603, message: "no" } });
      case "input_required":
        this.#asked.push(step);
        return answered({ result: { resultType: "input_required", inputRequests: {} } });
      case "cancelled":
        return judgement.cancelled();
      case "lost":
        return judgement.lost();
    }
  }
}

/** Replays logs under a policy. */
export async function replayed(policy: Policy, ...files: string[]): Promise<ReplayReport> {
  const replay = new Replay({ policy: policy, seats: [] });
  const records = readRecords(files, (file, line) => {
    throw new Error(`${file}:${line} is no record`);
  });
  for await (const { gateway, record } of records) replay.take(gateway, record);
  return replay.report();
}
