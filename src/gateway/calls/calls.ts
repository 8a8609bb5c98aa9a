import type { Policy } from "../../policy/compile/compile.ts";
import type { Call } from "../../policy/types.ts";
import type { AgentEnd } from "../../wire/agent-end.ts";
import { denial, deniedRequest } from "../../wire/answer.ts";
import { type Asked, wantsTask, withArguments } from "../../wire/call.ts";
import { type Mirror, mirrorHeaders } from "../../wire/http/mirror.ts";
import type { JsonObject } from "../../wire/json.ts";
import type { AgentFrame, Request } from "../../wire/message.ts";
import type { Frame } from "../../wire/upstream.ts";
import type { Gate } from "../gate.ts";
import { judge } from "../pipeline.ts";
import { type Flight, type Flights, type Pending, progressToken } from "./flights.ts";
import type { Answer } from "./holds.ts";
import type { Judgement } from "./judgement.ts";
import { together } from "./together.ts";

/** A governed call as it came, and as it would go on. */
export interface CallFrame {
  readonly request: Request;
  readonly frame: Frame;
  readonly mirrored: AgentFrame["mirrored"];
  /** The arguments that headers mirror. */
  readonly mirrors: readonly Mirror[];
  /** Whether its agent is of the modern era. */
  readonly modern: boolean;
}

/** Whom a request comes from. */
export interface Sender {
  readonly upstream: string;
  /** What the agent calls itself. */
  readonly agent: string;
  readonly session: string;
  readonly modern: boolean;
}

/** A request, and what of it policies govern. */
export interface Submitted {
  readonly request: Request;
  readonly asked: readonly Asked[];
  readonly frame: Frame;
  /** Size of the frame as it came. */
  readonly bytes: number;
  readonly mirrored: AgentFrame["mirrored"];
}

/** What becomes of a session's calls once they are judged: answered, held, or sent on. */
export class Calls {
  readonly #gate: Gate;
  readonly #agent: AgentEnd;
  readonly #flights: Flights;
  readonly #send: (call: CallFrame) => void;

  constructor(gate: Gate, agent: AgentEnd, flights: Flights, send: (call: CallFrame) => void) {
    this.#gate = gate;
    this.#agent = agent;
    this.#flights = flights;
    this.#send = send;
  }

  /** Judges what a request asks for, and does what was decided; false where no rule is about it. */
  submit(
    { upstream, agent, session, modern }: Sender,
    { request, asked, frame, bytes, mirrored }: Submitted,
  ): boolean {
    const gate = this.#gate;
    const [first] = asked;
    const mirrors = modern && first?.kind === "tool" ? gate.catalog(upstream).mirrors(first.name) : [];
    const frameNow: CallFrame = {
      request,
      frame,
      // An agent on stdio has no headers: its server at a URL wants them all the same.
      mirrored:
        mirrors.length === 0 ? mirrored : { ...mirrored, ...mirrorHeaders(mirrors, first?.args ?? {}) },
      mirrors,
      modern,
    };
    const pending: Pending = { withdrawn: null };
    const withdrawn = () => pending.withdrawn;
    const judgements: Judgement[] = [];
    for (const { kind, name: tool, args, continues } of asked) {
      const annotations = kind === "tool" ? gate.catalog(upstream).annotations(tool) : null;
      const call = { tool, args, upstream, agent, session, time: gate.clock(), annotations, kind };
      if (kind !== "tool" && !governs(gate.policy(), call)) continue;
      const judgement = judge({ call, bytes, continues, withdrawn }, gate);
      // Of tools, a request names one.
      if (judgement instanceof Promise) {
        this.#await(judgement, frameNow, pending);
        return true;
      }
      judgements.push(judgement);
      if (judgement.decision.verdict === "deny") break;
    }
    const [judged, ...more] = judgements;
    if (judged === undefined) return false;
    this.follow(together([judged, ...more]), frameNow);
    return true;
  }

  /** Plugins are being asked: the call is in flight already, and can be taken back. */
  #await(judgement: Promise<Judgement>, call: CallFrame, pending: Pending): void {
    this.#flights.add(call.request, null, pending);
    judgement.then(
      (judged) => {
        if (pending.withdrawn === null) return this.follow(judged, call);
        judged.drop(pending.withdrawn);
      },
      (error: Error) => {
        if (pending.withdrawn !== null) return;
        this.#gate.warn(`a call could not be judged: ${error.stack ?? error.message}`);
        this.#deny(call, "The call is refused. It could not be judged; the gateway's log says why.");
      },
    );
  }

  /** Does what was decided. */
  follow(judgement: Judgement, came: CallFrame): void {
    const { verdict, message } = judgement.decision;
    const call = judgement.edited === null ? came : edited(came, judgement.edited);
    if (verdict === "deny") return this.#deny(call, message);
    this.#flights.add(call.request, judgement);
    if (verdict === "ask") return this.#hold(judgement, call);
    this.#gate.turn.depart(
      () => {
        judgement.left();
        this.#send(call);
      },
      (reason) => this.#deny(call, judgement.revoke(reason)),
    );
  }

  /** Takes a call back that is held or being judged; false where its server may have seen it. */
  withdraw({ request, judgement, pending }: Flight, message: string): boolean {
    if (pending !== null) {
      this.#flights.remove(request);
      pending.withdrawn = message;
      return true;
    }
    if (judgement?.decision.verdict !== "ask") return false;
    this.#flights.remove(request);
    this.#gate.holds.withdraw(judgement.id);
    judgement.reject("cancelled", message);
    return true;
  }

  #deny({ request, modern }: CallFrame, message: string): void {
    this.#flights.remove(request);
    const { id, method } = request;
    // Who waits for a task takes no tool's result for an answer.
    const readable = method === "tools/call" && !wantsTask(request);
    const text = readable ? denial(id, message, modern) : deniedRequest(id, message);
    this.#agent.answer(text, id);
  }

  #hold(judgement: Judgement, call: CallFrame): void {
    const { ask, message } = judgement.decision;
    const { holds } = this.#gate;
    if (ask === null || holds.full) {
      return this.#deny(call, judgement.reject("denied", "Too many calls wait for a person already."));
    }
    let waited = 0;
    holds.add({
      id: judgement.id,
      ask,
      message,
      editable: ARGUED.has(call.request.method),
      rehearse: (edited) => judgement.rehearse(judgement.restore(edited)),
      onWaiting: () => this.#remind(call, ++waited),
      onAnswer: (answer) => this.#answered(judgement, call, answer, ask.onDeny),
    });
  }

  #answered(judgement: Judgement, call: CallFrame, answer: Answer, onDeny: string): void {
    if (answer.kind !== "approved") {
      const told = answer.kind === "denied" ? (answer.message ?? onDeny) : `${onDeny} (no answer in time)`;
      return this.#deny(call, judgement.reject(answer.kind, told));
    }
    const args = answer.edited === null ? null : judgement.restore(answer.edited);
    const next = args === null ? call : edited(call, args);
    const pending: Pending = { withdrawn: null };
    const approved = judgement.approve(args, () => pending.withdrawn);
    if (approved instanceof Promise) this.#await(approved, next, pending);
    else this.follow(approved, next);
  }

  /** Keeps an agent waiting that gave a progress token (MCP "Progress"). */
  #remind({ request }: CallFrame, waited: number): void {
    const token = progressToken(request.params);
    if (token === null) return;
    // Small steps: the server's own progress, which may follow, must be higher still.
    const progress = waited / 1_000_000;
    const params = { progressToken: token, progress, message: "Waiting for a person to approve the call" };
    this.#agent.tell(
      JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params }),
      request.id,
    );
  }
}

/** Requests with arguments. */
const ARGUED: ReadonlySet<string> = new Set(["tools/call", "prompts/get"]);

/** A call that goes on with other arguments. */
const edited = (call: CallFrame, args: JsonObject): CallFrame => ({
  ...call,
  frame: withArguments(call.frame, args),
  mirrored: mirrorHeaders(call.mirrors, args),
});

/** Whether any rule is about a resource or a prompt, or what it holds. */
function governs(policy: Policy, call: Call): boolean {
  const { refusal, shadowRefusal, rules } = policy.plan(call);
  if (refusal !== null || shadowRefusal !== null || rules.length > 0) return true;
  return policy.resultPlan(call).rules.length > 0;
}
