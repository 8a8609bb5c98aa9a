import { setTimeout as sleep } from "node:timers/promises";
import { VERSION } from "../../version.ts";
import { errorAnswer } from "../../wire/answer.ts";
import { MODERN } from "../../wire/era.ts";
import { isObject, type JsonObject } from "../../wire/json.ts";
import { ErrorCode, readUpstreamFrame } from "../../wire/message.ts";
import { parseStrict } from "../../wire/parse.ts";
import type { Connect, Frame, Upstream } from "../../wire/upstream.ts";
import type { Gate } from "../gate.ts";
import { Session } from "../session.ts";
import { OPERATOR } from "./operator.ts";

const CLIENT = { name: OPERATOR, version: VERSION };
const LEGACY = "2025-11-25";
/** How long a server may take to shake hands, in ms. */
const HELLO_MS = 8_000;
/** How long a call may take before it is given up, in ms: as long as a person may take to answer for it. */
const CALL_MS = 600_000;

interface OwnSessionParts {
  readonly id: string;
  readonly upstream: string;
  readonly connect: Connect;
  readonly gate: Gate;
}

/** The operator's session with a server, for one call: an agent like any other to everything that judges. */
export class OwnSession {
  #opened: { readonly session: Session; readonly server: Upstream } | null = null;
  readonly #waiting = new Map<string, (answer: JsonObject) => void>();
  /** Put into every request's `_meta`: the envelope of the modern era. */
  #meta: JsonObject | null = null;

  private constructor() {}

  /**
   * Reaches the server and shakes hands, in whichever era it speaks.
   *
   * @throws Error where the server cannot be reached or does not answer
   */
  static async open(parts: OwnSessionParts): Promise<OwnSession> {
    const legacy = await OwnSession.#start(parts);
    const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT };
    const hello = await legacy.#ask("initialize", params, HELLO_MS).catch((error: Error) => {
      void legacy.close();
      throw error;
    });
    if (hello.error === undefined) {
      legacy.#tell({ method: "notifications/initialized" });
      return legacy;
    }
    // A server of the modern era only. A new session: its connection may be taken for the legacy era's now.
    void legacy.close();
    const modern = await OwnSession.#start(parts);
    modern.#meta = {
      "io.modelcontextprotocol/protocolVersion": MODERN,
      "io.modelcontextprotocol/clientInfo": CLIENT,
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    return modern;
  }

  static async #start(parts: OwnSessionParts): Promise<OwnSession> {
    const own = new OwnSession();
    const opened = await Session.open({
      ...parts,
      agent: {
        answer: (frame) => own.#answered(frame),
        tell: (frame) => own.#told(frame),
        cancelled: () => {},
        sinks: () => [],
      },
    });
    own.#opened = opened;
    return own;
  }

  get id(): string {
    return this.#opened?.session.id ?? "";
  }

  /** Asks for the tools, so that what the server says of them is known to rules. */
  async list(): Promise<void> {
    await this.#ask("tools/list", {}, HELLO_MS);
  }

  /** Calls a tool, and gives the answer when there is one. @throws Error where the call is malformed */
  call(tool: string, args: JsonObject): Promise<JsonObject> {
    return this.#ask("tools/call", { name: tool, arguments: args }, CALL_MS);
  }

  /** Ends the session and its server. */
  async close(): Promise<void> {
    this.#opened?.session.end("the operator's session is over");
    await this.#opened?.server.stop();
  }

  async #ask(method: string, params: JsonObject, ms: number): Promise<JsonObject> {
    const id = `${OPERATOR}-${method}`;
    const answer = new Promise<JsonObject>((resolve) => this.#waiting.set(id, resolve));
    const whole = this.#meta === null ? params : { ...params, _meta: this.#meta };
    this.#tell({ id, method, params: whole });
    const late = new AbortController();
    const timeout = sleep(ms, null, { signal: late.signal, ref: false }).catch(() => null);
    const first = await Promise.race([answer, timeout]);
    late.abort();
    this.#waiting.delete(id);
    if (first === null) throw new Error(`the server did not answer ${method} within ${ms / 1000}s`);
    return first;
  }

  #tell(message: JsonObject): void {
    const frame = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    const refusal = this.#opened?.session.receiveFromAgent(frame) ?? null;
    if (refusal === null) return;
    const { error } = JSON.parse(refusal);
    throw new Error(String(error.message));
  }

  #answered(frame: Frame): void {
    const message = parseStrict(frame.toString());
    if (isObject(message) && typeof message.id === "string") this.#waiting.get(message.id)?.(message);
  }

  /** A server may ask its client for things; this one has nothing to give. */
  #told(frame: Frame): void {
    const message = readUpstreamFrame(frame.toString());
    if (message?.kind !== "request") return;
    const { id, method } = message;
    const answer =
      method === "ping"
        ? JSON.stringify({ jsonrpc: "2.0", id, result: {} })
        : errorAnswer(id, ErrorCode.methodNotFound, "an operator's call answers nothing");
    this.#opened?.session.receiveFromAgent(Buffer.from(answer));
  }
}
