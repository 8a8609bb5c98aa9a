import type { GatewayState } from "./gateway-state.ts";
import type { Store } from "./store.ts";

/** What gateways said to a command. */
export interface Heard {
  /** How many were asked. */
  readonly gateways: number;
  readonly answers: readonly unknown[];
  /** Why those did not do it that did not. */
  readonly failed: readonly string[];
}

export async function askTo(store: Store, to: readonly GatewayState[], command: string): Promise<Heard> {
  const all = await Promise.allSettled(to.map(({ view }) => store.options.ask(view.id, command)));
  return {
    gateways: to.length,
    answers: all.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])),
    failed: all.flatMap((answer) => (answer.status === "rejected" ? [String(answer.reason.message)] : [])),
  };
}
