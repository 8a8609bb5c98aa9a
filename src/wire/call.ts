import { fold } from "../fold.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { ErrorCode, Refusal, type Request, type RequestId } from "./message.ts";
import { parseStrict } from "./parse.ts";

/** Methods whose requests or answers the gate looks into. */
const GOVERNED_METHODS: ReadonlySet<string> = new Set([
  "tools/call",
  "tools/list",
  "resources/read",
  "resources/subscribe",
  "resources/list",
  "resources/templates/list",
  "prompts/get",
  "prompts/list",
  "subscriptions/listen",
]);

/** Longest tool name taken (MCP 2025-11-25 server/tools "Tool Names": 1 to 128 characters). */
const MAX_NAME = 128;

/** Invisible, bidirectional and control characters: a name with one is not the name a person reads. */
const UNREADABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** @throws Refusal for a method that some server may take for a governed one */
export function refuseShadowMethod(method: string, id: RequestId | null): void {
  if (GOVERNED_METHODS.has(method) || !GOVERNED_METHODS.has(fold(method))) return;
  throw new Refusal(
    ErrorCode.invalidRequest,
    `The method ${JSON.stringify(method)} could be read as ${JSON.stringify(fold(method))}.`,
    id,
  );
}

/** What a governed request asks for. */
export interface Asked {
  readonly kind: "tool" | "resource" | "prompt";
  /** The tool's or the prompt's name, or the resource's URI. */
  readonly name: string;
  readonly args: JsonObject;
  /** Set on a later round of a multi-round-trip call (MCP 2026-07-28). */
  readonly continues: { readonly state: string | null } | null;
}

/**
 * What a request asks for, where it is one that policies govern: one thing, or several resources to hear of.
 *
 * @throws Refusal where name or arguments are not what MCP says they must be
 */
export function readAsked(request: Request): readonly Asked[] {
  const { method, params } = request;
  switch (method) {
    case "tools/call":
      return [readCall(request)];
    case "prompts/get":
      return [{ ...readCall(request), kind: "prompt" }];
    case "resources/read":
      return [resource(request, params?.uri)];
    case "resources/subscribe":
      // Not a method of the modern era: without a URI there is nothing to judge, and the server says so itself.
      return params?.uri === undefined ? [] : [resource(request, params.uri)];
    case "subscriptions/listen": {
      const filter = isObject(params?.notifications) ? params.notifications : {};
      const uris = filter.resourceSubscriptions ?? [];
      if (!Array.isArray(uris) || uris.length > MAX_RESOURCES)
        throw invalid(request, `resourceSubscriptions must be a list of at most ${MAX_RESOURCES} URIs.`);
      return uris.map((uri) => resource(request, uri));
    }
    default:
      return [];
  }
}

/** Most resources that one request may ask to hear of: each is judged and recorded. */
const MAX_RESOURCES = 1_000;
/** Longest URI of a resource taken. */
const MAX_URI = 8_192;

function resource(request: Request, uri: Json | undefined): Asked {
  if (typeof uri !== "string" || uri === "" || uri.length > MAX_URI) {
    throw invalid(request, `A resource's URI must be a string of 1 to ${MAX_URI} characters.`);
  }
  if (UNREADABLE.test(uri)) {
    throw invalid(request, `The URI ${JSON.stringify(uri)} has invisible or control characters.`);
  }
  return { kind: "resource", name: uri, args: {}, continues: continuation(request) };
}

/** A call's frame with other arguments, and everything else of it as it was. */
export function withArguments(frame: Buffer | string, args: JsonObject): string {
  const message = parseStrict(frame.toString());
  if (!isObject(message) || !isObject(message.params)) throw new TypeError("not the frame of a call");
  message.params.arguments = args;
  return JSON.stringify(message);
}

/** What a server that needs input for a call gives back; null for a final answer (MCP 2026-07-28). */
export function inputRequired(result: unknown): { readonly state: string | null } | null {
  if (!isObject(result) || result.resultType !== "input_required" || holdsAnswer(result)) return null;
  return { state: typeof result.requestState === "string" ? result.requestState : null };
}

/** Whether a call asks to become a task (MCP 2025-11-25 "Tasks"). */
export const wantsTask = ({ params }: Request): boolean => params?.task !== undefined;

/** The id of the task that a call became, where its result is nothing but that (MCP 2025-11-25 "Tasks"). */
export function taskIn(result: unknown): string | null {
  if (!isObject(result) || holdsAnswer(result)) return null;
  const task = isObject(result.task) ? result.task : result.resultType === "task" ? result : {};
  return typeof task.taskId === "string" ? task.taskId : null;
}

/** Whether an agent could read an answer in a result, whatever it calls itself. The SDK adds an empty `content`. */
function holdsAnswer({ content, ...result }: JsonObject): boolean {
  const empty = content === undefined || (Array.isArray(content) && content.length === 0);
  return !empty || ["structuredContent", "contents", "messages"].some((key) => key in result);
}

function readCall(request: Request): Asked {
  const name = request.params?.name;
  const args = request.params?.arguments;
  if (typeof name !== "string" || name.length < 1 || name.length > MAX_NAME) {
    throw invalid(request, `params.name must be a string of 1 to ${MAX_NAME} characters.`);
  }
  if (UNREADABLE.test(name)) {
    throw invalid(request, `params.name ${JSON.stringify(name)} has invisible or control characters.`);
  }
  if (args !== undefined && !isObject(args)) {
    throw invalid(request, "params.arguments must be an object or absent.");
  }
  return { kind: "tool", name, args: args ?? {}, continues: continuation(request) };
}

/** Whether the call carries on one whose server asked for input, and with what state of the server's. */
function continuation({ params }: Request): Asked["continues"] {
  const state = params?.requestState;
  if (state === undefined && params?.inputResponses === undefined) return null;
  return { state: typeof state === "string" ? state : null };
}

function invalid(request: Request, message: string): Refusal {
  return new Refusal(ErrorCode.invalidParams, message, request.id);
}
