import { attempted } from "../judging/soon.ts";
import type { AgentEnd } from "../wire/agent-end.ts";
import { errorAnswer } from "../wire/answer.ts";
import { readAsked, refuseShadowMethod } from "../wire/call.ts";
import { clientName, modernVersion } from "../wire/era.ts";
import { oneLine } from "../wire/framing.ts";
import { isObject } from "../wire/json.ts";
import {
  type AgentFrame,
  decodeUtf8,
  ErrorCode,
  type Notification,
  noMessage,
  Refusal,
  type Request,
  type RequestId,
  type Response,
  readAgentFrame,
  readUpstreamFrame,
  unasked,
} from "../wire/message.ts";
import type { Connect, Frame, Upstream } from "../wire/upstream.ts";
import { Answers } from "./calls/answers.ts";
import { Calls } from "./calls/calls.ts";
import { Flights } from "./calls/flights.ts";
import { tellTask } from "./calls/tasks.ts";
import type { Gate } from "./gate.ts";
import { Questions } from "./questions.ts";

/** What a session is made of. */
export interface SessionParts {
  readonly id: string;
  /** Name of the upstream. */
  readonly upstream: string;
  readonly connect: Connect;
  readonly agent: AgentEnd;
  readonly gate: Gate;
}

/**
 * One agent's conversation with one upstream. Reads every frame, judges the calls, remembers which request
 * each answer belongs to, and passes the rest on as the very bytes that came.
 */
export class Session {
  readonly id: string;
  readonly upstream: string;
  /** What the agent calls itself; "" until it has. */
  agentName = "";
  /** ms since the epoch. */
  readonly since: number;
  readonly #gate: Gate;
  readonly #agent: AgentEnd;
  #server: Upstream | null = null;
  readonly #flights = new Flights();
  readonly #calls: Calls;
  readonly #answers: Answers;
  readonly #questions = new Questions();
  #modern = false;
  #ended = false;

  private constructor({ id, upstream, agent, gate }: SessionParts) {
    this.id = id;
    this.upstream = upstream;
    this.since = gate.clock();
    this.#gate = gate;
    this.#agent = agent;
    this.#calls = new Calls(gate, agent, this.#flights, ({ frame, request, mirrored }) =>
      this.#server?.send(frame, request, mirrored),
    );
    this.#answers = new Answers(gate, upstream, agent, this.#flights);
  }

  /**
   * A session with its server behind it; ends when the server goes.
   *
   * @throws StartError where the server cannot be reached
   */
  static async open(parts: SessionParts): Promise<{ session: Session; server: Upstream }> {
    const session = new Session(parts);
    const server = await parts.connect({
      onFrame: (frame) => session.receiveFromUpstream(frame),
      onDropped: (reason, answers) => session.drop(reason, answers),
      onNote: (line) => parts.gate.note(session, line),
      sinks: () => parts.agent.sinks(),
    });
    session.#server = server;
    parts.gate.sessions.add(session);
    void server.gone.then((status) => session.end(`the server ${howItWent(status)} before it answered`));
    return { session, server };
  }

  /**
   * A whole frame from the agent.
   *
   * @param read the frame, where the transport has read it already
   * @returns the JSON-RPC error to answer where the frame goes no further, else null
   */
  receiveFromAgent(frame: Buffer, read?: AgentFrame): string | null {
    try {
      const agentFrame = read ?? readAgentFrame(frame);
      this.#fromAgentFrame(agentFrame, agentFrame.line ?? frame, frame.length);
      return null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.refuse(error);
    }
  }

  /** Records a refused frame. Returns the JSON-RPC error to answer. */
  refuse(refusal: Refusal): string {
    this.#gate.refused(this, "agent", refusal.message);
    return errorAnswer(refusal.id, refusal.code, refusal.message);
  }

  #fromAgentFrame({ message, mirrored }: AgentFrame, frame: Frame, bytes: number): void {
    const send = () => this.#server?.send(frame, message, mirrored);
    if (message.kind === "response") this.#agentResponse(message);
    else {
      refuseShadowMethod(message.method, message.kind === "request" ? message.id : null);
      if (message.kind === "request") {
        this.#flights.admit(message);
        this.#learnAgent(message);
        const asked = readAsked(message);
        const { upstream, agentName: agent, id: session } = this;
        const from = { upstream, agent, session, modern: this.#modern };
        if (this.#calls.submit(from, { request: message, asked, frame, bytes, mirrored })) return;
        this.#flights.add(message, null);
      } else if (!this.#agentNotification(message)) return;
    }
    // In order: what comes after a call that still waits for its record waits as well.
    if (this.#gate.turn.waiting) this.#gate.turn.depart(send, send);
    else send();
  }

  /** Whether the notification goes on to the upstream. */
  #agentNotification(notification: Notification): boolean {
    if (notification.method === "tools/call") {
      throw new Refusal(ErrorCode.invalidRequest, "tools/call needs an id: a call is a request.");
    }
    if (notification.method === "notifications/cancelled") {
      const id = notification.params?.requestId;
      if (typeof id === "string" || typeof id === "number") return this.#cancel(id);
    }
    return true;
  }

  /** The request is over for the agent. Whether the upstream has seen it, and must hear of it. */
  #cancel(id: RequestId): boolean {
    const flight = this.#flights.get(id);
    if (flight === undefined) return true;
    const { request, judgement } = flight;
    this.#agent.cancelled(request.id);
    if (this.#calls.withdraw(flight, "The agent cancelled it before it was sent.")) return false;
    judgement?.cancelled();
    this.#flights.cancel(request);
    return true;
  }

  #agentResponse(response: Response): void {
    if (response.id === null || !this.#questions.answer(response.id)) {
      throw new Refusal(
        ErrorCode.invalidRequest,
        `A response to ${JSON.stringify(response.id)}, which the server has not asked.`,
      );
    }
  }

  /** A whole frame from the upstream. */
  receiveFromUpstream(frame: Buffer): void {
    const text = decodeUtf8(frame);
    const message = text === null ? null : readUpstreamFrame(text);
    if (text === null || message === null) return this.drop(noMessage(frame));
    const line = oneLine(text);
    const forward: Frame = line === text ? frame : line;
    if (message.kind === "response") return this.#upstreamResponse(message, forward, text);
    if (message.kind === "request" && !this.#questions.ask(message.id))
      return this.drop("too many requests of its own in flight");
    if (message.method === "notifications/cancelled") {
      const id = message.params?.requestId;
      if (typeof id === "string" || typeof id === "number") this.#questions.withdraw(id);
    }
    if (message.method === "notifications/tasks") return this.#aboutTask(message, forward, text);
    this.#agent.tell(forward, this.#subjectOf(message));
  }

  #aboutTask(message: Request | Notification, forward: Frame, text: string): void {
    void attempted(
      () => tellTask(text, this.upstream, this.#gate),
      (made) => this.#agent.tell(made ?? forward, this.#subjectOf(message)),
      (error) => this.drop(`a notification that could not be judged: ${String(error)}`),
    );
  }

  /** Throws an upstream's frame away, and says so; a request that it would have answered is answered with that. */
  drop(reason: string, answers?: RequestId): void {
    this.#gate.refused(this, "upstream", reason);
    const flight = answers === undefined ? null : this.#flights.land(answers);
    if (flight === null) return;
    const { request, judgement } = flight;
    judgement?.lost();
    this.#agent.answer(
      errorAnswer(request.id, ErrorCode.internal, `the server's answer is ${reason}`),
      request.id,
    );
  }

  #upstreamResponse(response: Response, frame: Frame, text: string): void {
    const { id, result, error } = response;
    // Its reader might take either, and the gate must know which.
    if (id !== null && result !== undefined && error !== undefined && this.#flights.get(id) !== undefined)
      return this.drop("both a result and an error", id);
    const flight = this.#flights.land(id);
    if (flight === null) {
      return this.drop(unasked(id));
    }
    this.#answers.take(flight, response, frame, text);
  }

  /** When every answer that plugins are being asked about has been handed on. */
  reviewed(): Promise<void> {
    return this.#answers.reviewed();
  }

  /** The agent's request that a message of the upstream concerns, where the message says so. */
  #subjectOf(message: Request | Notification): RequestId | null {
    const token = message.method === "notifications/progress" ? message.params?.progressToken : undefined;
    return typeof token === "string" || typeof token === "number" ? this.#flights.withToken(token) : null;
  }

  #learnAgent({ method, params }: Request): void {
    const name = clientName(method, params)?.slice(0, MAX_AGENT_NAME) ?? this.agentName;
    const modern = modernVersion(params) !== null;
    if (name === this.agentName && modern === this.#modern) return;
    this.agentName = name;
    this.#modern = modern;
    const { id, upstream, since } = this;
    this.#gate.history.roster.met({ id, agent: name, upstream, modern, since });
  }

  /** The agent closed the response to a request, which cancels it (MCP 2026-07-28 "Cancellation", HTTP). */
  hungUp(requestId: RequestId): void {
    if (this.#flights.get(requestId) === undefined) return;
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } };
    this.receiveFromAgent(Buffer.from(JSON.stringify(cancel)));
    this.close();
  }

  /** The conversation is over and its server no longer needed. */
  close(): void {
    this.end("the session is over");
    void this.#server?.stop();
  }

  /** Whether a request of the agent is still to be answered. */
  get busy(): boolean {
    return this.#flights.size > 0;
  }

  /** Tells the agent that there are other tools now, where it can hear it. */
  toolsChanged(): void {
    if (!this.#modern) return this.#agent.tell(LIST_CHANGED, null);
    // In the modern era only who asked is told, on the stream it asked with (2026-07-28 "Subscriptions").
    for (const { request } of this.#flights.all()) {
      const filter = request.method === "subscriptions/listen" ? request.params?.notifications : undefined;
      if (!isObject(filter) || filter.toolsListChanged !== true) continue;
      const _meta = { "io.modelcontextprotocol/subscriptionId": request.id };
      this.#agent.tell(JSON.stringify({ ...JSON.parse(LIST_CHANGED), params: { _meta } }), request.id);
    }
  }

  /**
   * The upstream is gone or the session closed: answers what is still open.
   * @param reason what the agent is told, such as "the server exited with status 3"
   */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const flight of this.#flights.all()) {
      const { request, judgement } = flight;
      if (!this.#calls.withdraw(flight, `It had not been sent, and ${reason}.`)) judgement?.lost();
      this.#flights.remove(request);
      this.#agent.answer(errorAnswer(request.id, ErrorCode.internal, reason), request.id);
    }
    this.#gate.sessions.delete(this);
  }
}

/** What an exit status says, after "the server". */
export function howItWent(status: number): string {
  return status > 128 ? `was ended by signal ${status - 128}` : `exited with status ${status}`;
}

const MAX_AGENT_NAME = 128;

const LIST_CHANGED = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
