import type { Supervisor } from "../../plugins/supervisor.ts";

/** How long an expression may run, in ms. */
const TIMEOUT = 2_000;

/**
 * Evaluates a person's expressions in a plugin host of the screen's own, which is started with the first of them: a
 * mistake in one takes neither the screen nor a gateway with it.
 */
export class Expressions {
  #supervisor: Supervisor | null = null;

  /**
   * @returns the value as text
   * @throws Error saying what is wrong with it
   */
  async evaluate(code: string, names: Readonly<Record<string, unknown>>): Promise<string> {
    const { Supervisor } = await import("../../plugins/supervisor.ts");
    this.#supervisor ??= new Supervisor();
    const reply = await this.#supervisor.ask("evaluate", 0, TIMEOUT, JSON.stringify({ code, names }));
    if (reply.ok) return JSON.parse(reply.text);
    const { kind, message } = reply.fault;
    if (kind === "timeout") throw new Error(`It ran longer than ${TIMEOUT / 1_000} s.`);
    if (kind === "memory") throw new Error("It used too much memory.");
    throw new Error(message.replace(/ \[expression:(\d+):(\d+)\]$/, " (line $1, column $2)"));
  }

  close(): void {
    this.#supervisor?.close();
  }
}
