import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { errorAnswer } from "../../wire/answer.ts";
import { envelopeFault, isModernRevision, MODERN, modernVersion } from "../../wire/era.ts";
import { Exchange } from "../../wire/http/exchange.ts";
import { headerMismatch, mirroredHeaders } from "../../wire/http/headers.ts";
import { mirrorMismatch } from "../../wire/http/mirror.ts";
import { json, reject } from "../../wire/http/reply.ts";
import { isObject, type Json } from "../../wire/json.ts";
import { type AgentFrame, ErrorCode, type Request } from "../../wire/message.ts";
import type { Connect } from "../../wire/upstream.ts";
import type { Gateway } from "../gateway.ts";
import { Session } from "../session.ts";

/** Whether a POST is of the modern era, by its header or its body. */
export function isModern(request: IncomingMessage, { message }: AgentFrame): boolean {
  const said = message.kind === "response" ? null : modernVersion(message.params);
  const versions = [request.headers["mcp-protocol-version"], said];
  return versions.some((version) => typeof version === "string" && version >= MODERN);
}

/**
 * Agents of the modern era (MCP 2026-07-28): no sessions, each POST a request of its own whose headers agree
 * with its body, and whose cancellation is the closing of its response.
 */
export class ModernFront {
  readonly #gateway: Gateway;
  readonly #upstream: string;
  readonly #connect: Connect;

  constructor(gateway: Gateway, upstream: string, connect: Connect) {
    this.#gateway = gateway;
    this.#upstream = upstream;
    this.#connect = connect;
  }

  async post(
    request: IncomingMessage,
    response: ServerResponse,
    frame: Buffer,
    read: AgentFrame,
  ): Promise<void> {
    const { message } = read;
    if (message.kind !== "request") {
      // Core MCP has no client notification over HTTP, and no responses at all (2026-07-28 "Sending Messages").
      this.#gateway.refused(null, "agent", `a ${message.kind} of the modern era over HTTP`);
      return reject(response, 400, `A ${message.kind} is not taken over HTTP in this protocol version.`);
    }
    const refusal = this.#validate(request.headers, message);
    if (refusal !== null) {
      this.#gateway.refused(null, "agent", refusal.message);
      const status = refusal.code === ErrorCode.methodNotFound ? 404 : 400;
      return json(response, status, errorAnswer(message.id, refusal.code, refusal.message, refusal.data));
    }
    await this.#exchange(message, { ...read, mirrored: mirroredHeaders(request.headers) }, frame, response);
  }

  async #exchange(
    request: Request,
    read: AgentFrame,
    frame: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    let session: Session | null = null;
    const exchange = new Exchange(response, () => session?.hungUp(request.id));
    const end = () => {
      session?.close();
    };
    const opened = await Session.open({
      id: `${this.#gateway.view.id}-modern`,
      upstream: this.#upstream,
      connect: this.#connect,
      gate: this.#gateway,
      agent: {
        answer: (answer) => {
          exchange.answer(answer);
          end();
        },
        tell: (told) => exchange.tell(told),
        cancelled: () => {}, // by closing its response
        sinks: () => exchange.sinks(),
      },
    }).catch((error: Error) => {
      this.#gateway.log("error", error.message);
      reject(response, 502, error.message);
      return null;
    });
    if (opened === null) return;
    session = opened.session;
    const error = session.receiveFromAgent(frame, read);
    if (error === null) return;
    exchange.answer(error);
    end();
  }

  /** What is wrong with a request's envelope and headers (MCP 2026-07-28 transports "Server Validation"). */
  #validate(headers: IncomingHttpHeaders, message: Request): Fault | null {
    const lacks = envelopeFault(message.params);
    if (lacks !== null) return { code: ErrorCode.invalidParams, message: lacks };
    if (message.method === "initialize") {
      // A server that takes both eras would fall back into the legacy one, for all its agents.
      return { code: ErrorCode.methodNotFound, message: "initialize is not of this protocol version." };
    }
    const mismatch = headerMismatch(headers, message) ?? this.#mirrorMismatch(headers, message);
    if (mismatch !== null)
      return { code: ErrorCode.headerMismatch, message: `Header mismatch: ${mismatch}.` };
    const requested = modernVersion(message.params) ?? "";
    if (isModernRevision(requested)) return null;
    return {
      code: ErrorCode.unsupportedVersion,
      message: `The protocol version ${JSON.stringify(requested)} is none that MCP has.`,
      data: { supported: [MODERN], requested },
    };
  }

  #mirrorMismatch(headers: IncomingHttpHeaders, { method, params = {} }: Request): string | null {
    const { name, arguments: args = {} } = params;
    if (method !== "tools/call" || typeof name !== "string" || !isObject(args)) return null;
    return mirrorMismatch(headers, this.#gateway.catalog(this.#upstream).mirrors(name), args);
  }
}

/** Why a request goes no further. */
interface Fault {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}
