import { attempted } from "../../judging/soon.ts";
import type { AgentEnd } from "../../wire/agent-end.ts";
import { errorAnswer } from "../../wire/answer.ts";
import { ErrorCode, type RequestId, type Response } from "../../wire/message.ts";
import type { Frame } from "../../wire/upstream.ts";
import type { Gate } from "../gate.ts";
import type { Flight, Flights } from "./flights.ts";
import { handList } from "./list.ts";
import { handTask } from "./tasks.ts";

/** What becomes of a server's answers: judged, and handed to the agent of the session, in place of them or as they came. */
export class Answers {
  readonly #gate: Gate;
  /** Name of the upstream. */
  readonly #upstream: string;
  readonly #agent: AgentEnd;
  readonly #flights: Flights;
  /** Those that plugins are being asked about. */
  readonly #reviews = new Set<Promise<void>>();

  constructor(gate: Gate, upstream: string, agent: AgentEnd, flights: Flights) {
    this.#gate = gate;
    this.#upstream = upstream;
    this.#agent = agent;
    this.#flights = flights;
  }

  /** @param frame the answer as it would be handed on; `text` is what came */
  take({ request, judgement }: Flight, response: Response, frame: Frame, text: string): void {
    const own = () =>
      judgement === null
        ? (handTask(request, response, text, this.#upstream, this.#gate) ??
          handList(request, response, text, this.#upstream, this.#gate))
        : judgement.handed(response, text);
    const answer = (made: string | null) => {
      const handed = made ?? frame;
      this.#agent.answer(handed, request.id);
      // After the answer has left: what the agent need not wait for.
      if (judgement !== null) queueMicrotask(() => judgement.answered(response, handed));
    };
    const answered = attempted(own, answer, (error) => {
      this.#gate.warn(`an answer of ${this.#upstream} could not be judged: ${String(error)}`);
      answer(errorAnswer(request.id, ErrorCode.internal, "the server's answer could not be judged"));
    });
    if (answered instanceof Promise) this.#review(request.id, answered);
  }

  #review(id: RequestId, answered: Promise<void>): void {
    const reviewed: Promise<void> = this.#flights
      .review(id, answered)
      .finally(() => this.#reviews.delete(reviewed));
    this.#reviews.add(reviewed);
  }

  /** When every answer that plugins are being asked about has been handed on. */
  async reviewed(): Promise<void> {
    await Promise.all(this.#reviews);
  }
}
