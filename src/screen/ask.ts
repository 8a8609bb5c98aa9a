import { sanitize } from "../sanitize.ts";
import { openAnswer } from "./detail.ts";
import type { GatewayState } from "./gateway-state.ts";
import { piece } from "./line.ts";
import type { Store } from "./store.ts";
import { width, wrap } from "./text.ts";

/** What gateways said to a command. */
export interface Heard {
  /** How many were asked. */
  readonly gateways: number;
  /** By the names of the gateways. */
  readonly answers: readonly { readonly from: string; readonly value: unknown }[];
  /** Why those did not do it that did not. */
  readonly failed: readonly string[];
}

export async function askTo(store: Store, to: readonly GatewayState[], command: string): Promise<Heard> {
  const all = await Promise.allSettled(to.map(({ view }) => store.options.ask(view.id, command)));
  return {
    gateways: to.length,
    answers: all.flatMap((answer, index) => {
      const from = store.live.nameOf(to[index]?.view.id ?? "");
      return answer.status === "fulfilled" ? [{ from, value: answer.value }] : [];
    }),
    failed: all.flatMap((answer) => (answer.status === "rejected" ? [String(answer.reason.message)] : [])),
  };
}

/** Says why it was not done; on a page of its own, where a line is too short for it. */
export function refused(store: Store, why: string): void {
  if (width(why) < store.size.columns && !why.includes("\n")) return store.notice(why);
  const rows = why.split("\n").map((row) => sanitize(row, 4_096));
  openAnswer(store, {
    title: "Not done",
    lines: (cells) => rows.flatMap((row) => wrap(row, cells).map((text) => [piece(text, "warn")])),
  });
}
