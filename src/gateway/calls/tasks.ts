import { hash } from "node:crypto";
import { soon } from "../../judging/soon.ts";
import type { Call } from "../../policy/types.ts";
import { denialResult } from "../../wire/answer.ts";
import { isObject, type JsonObject } from "../../wire/json.ts";
import { parseLossless } from "../../wire/lossless.ts";
import type { Request, Response } from "../../wire/message.ts";
import type { Gate } from "../gate.ts";
import { type Handing, handResult } from "./results.ts";

/** Most tasks remembered; what is older is not known any more. */
const MOST = 1_000;
/** Calls whose frames are larger are not remembered, in bytes. */
const LARGEST = 64 * 1024;

/** A call whose result the server has promised for later. */
export interface Task {
  /** Id of the call. */
  readonly id: string;
  readonly call: Call;
}

/** Calls that became tasks: their results answer other requests (MCP 2025-11-25 "Tasks"). */
export class Tasks {
  readonly #tasks = new Map<string, Task>();

  began(taskId: string, task: Task, bytes: number): void {
    if (bytes > LARGEST) return;
    this.#tasks.set(keyOf(task.call.upstream, taskId), task);
    for (const oldest of this.#tasks.keys()) {
      if (this.#tasks.size <= MOST) break;
      this.#tasks.delete(oldest);
    }
  }

  get(upstream: string, taskId: string): Task | null {
    return this.#tasks.get(keyOf(upstream, taskId)) ?? null;
  }
}

const keyOf = (upstream: string, taskId: string) => JSON.stringify([upstream, taskId]);

/** What the agent is handed in place of an answer about a task; null where it is handed the one that came. */
export function handTask(
  { method, params }: Request,
  response: Response,
  text: string,
  upstream: string,
  gate: Gate,
): string | null | Promise<string | null> {
  const taskId = params?.taskId;
  if (!method.startsWith("tasks/") || typeof taskId !== "string") return null;
  if (method === "tasks/result") return handed(taskId, response, text, upstream, gate);
  // Later versions of tasks carry the result within (`tasks/get`).
  const message = parseLossless(text);
  if (!isObject(message) || !isObject(message.result)) return null;
  const { result: around } = message;
  return soon(within(taskId, around, upstream, gate), (made) =>
    made === null ? null : JSON.stringify({ ...message, result: { ...around, ...made } }),
  );
}

/** The same for a notification about a task. */
export function tellTask(text: string, upstream: string, gate: Gate): string | null | Promise<string | null> {
  const message = parseLossless(text);
  if (!isObject(message) || !isObject(message.params)) return null;
  const { params: around } = message;
  const { taskId } = around;
  if (typeof taskId !== "string") return null;
  return soon(within(taskId, around, upstream, gate), (made) =>
    made === null ? null : JSON.stringify({ ...message, params: { ...around, ...made } }),
  );
}

/** What is to stand in place of the result or the error that stands in `around`; null where it may. */
function within(
  taskId: string,
  around: JsonObject,
  upstream: string,
  gate: Gate,
): JsonObject | null | Promise<JsonObject | null> {
  const { result, error } = around;
  const ended = isObject(result) ? { result, error: undefined } : { result: undefined, error };
  if (!isObject(ended.result ?? ended.error)) return null;
  const response: Response = { kind: "response", id: 0, ...ended };
  return soon(handed(taskId, response, JSON.stringify(ended), upstream, gate), (frame): JsonObject | null => {
    const made = frame === null ? null : parseLossless(frame);
    if (!isObject(made)) return null;
    const { result, error } = made;
    return result === undefined ? { error: error ?? null } : { result };
  });
}

function handed(
  taskId: string,
  response: Response,
  text: string,
  upstream: string,
  gate: Gate,
): string | null | Promise<string | null> {
  const task = gate.tasks.get(upstream, taskId);
  if (task === null) return unknown(response, upstream, gate);
  return soon(handResult(task.call, response, text, gate), (handing) => {
    record(task, handing, text, gate);
    return handing.frame;
  });
}

/** Which rules are for the result of a call that nobody remembers, nobody can say. */
function unknown({ id, result }: Response, upstream: string, gate: Gate): string | null {
  const { policy, seats } = gate.ruleset();
  const judged =
    policy.judgesResults(upstream) ||
    seats.some(({ plugin, use }) => plugin.has("onResult") && use.governs(upstream));
  if (gate.shadow || !judged || !isObject(result)) return null;
  const why = "The task is not known here, and so not which rules are for its result: call the tool again.";
  return JSON.stringify({ jsonrpc: "2.0", id, result: denialResult(why, result.resultType) });
}

function record({ id }: Task, { frame, judged, plugins }: Handing, text: string, gate: Gate): void {
  if (judged === null) return;
  gate.attempt(() =>
    gate.audit.append({
      kind: "result",
      call: id,
      outcome: "ok",
      resultHash: hash("sha256", frame ?? text),
      bytes: Buffer.byteLength(text),
      ms: 0,
      refunded: false,
      handed: judged,
      plugins: [...plugins],
    }),
  );
  gate.turn.later();
}
