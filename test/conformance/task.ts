import { randomUUID } from "node:crypto";
import type { CallToolResult, InputRequests } from "@modelcontextprotocol/server";

/** How long a task is known once it has ended, in ms. */
const KEPT_MS = 300_000;
const known = new Map<string, Task>();

/** What a task does; it ends by giving a result, or by throwing what becomes a JSON-RPC error. */
export type Work = (task: Task) => Promise<CallToolResult>;

/** What a task ended with, or that it has not. */
type End =
  | { readonly status: "completed"; readonly result: CallToolResult }
  | { readonly status: "failed"; readonly error: { readonly code: number; readonly message: string } }
  | { readonly status: "cancelled" };

/** A call that is answered later (the extension io.modelcontextprotocol/tasks, SEP-2663). */
export class Task {
  readonly id = randomUUID();
  readonly #created = new Date().toISOString();
  readonly #cancel = new AbortController();
  #updated = this.#created;
  #end: End | null = null;
  #questions: InputRequests = {};
  #resume: () => void = () => {};

  static get(id: string): Task | undefined {
    return known.get(id);
  }

  constructor(work: Work) {
    known.set(this.id, this);
    work(this).then(
      (result) => this.#settle({ status: "completed", result }),
      ({ message }: Error) => this.#settle({ status: "failed", error: { code: -32603, message } }),
    );
  }

  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Asks the agent, and waits until it has answered every question. */
  ask(questions: InputRequests): Promise<void> {
    this.#questions = questions;
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  /** Takes the agent's answers to the questions of these keys. */
  answered(keys: readonly string[]): void {
    const open = Object.entries(this.#questions).filter(([key]) => !keys.includes(key));
    this.#questions = Object.fromEntries(open);
    if (open.length === 0) this.#resume();
  }

  cancel(): void {
    this.#settle({ status: "cancelled" });
    this.#cancel.abort();
  }

  /** What a call is answered with that became a task. */
  get summary() {
    return {
      taskId: this.id,
      status: this.#status,
      createdAt: this.#created,
      lastUpdatedAt: this.#updated,
      ttlMs: KEPT_MS,
      pollIntervalMs: 100,
    };
  }

  /** What `tasks/get` is answered with. */
  get details() {
    const asks = this.#status === "input_required" && { inputRequests: this.#questions };
    return { ...this.summary, ...asks, ...this.#end };
  }

  get #status() {
    if (this.#end !== null) return this.#end.status;
    return Object.keys(this.#questions).length > 0 ? "input_required" : "working";
  }

  #settle(end: End): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#updated = new Date().toISOString();
    setTimeout(() => known.delete(this.id), KEPT_MS).unref();
  }
}
