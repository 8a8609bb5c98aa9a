/** The held calls: which one the keys are about, and answering it. */
import { callDetail } from "../control/protocol.ts";
import { windowOf } from "./cursor.ts";
import type { HoldRow } from "./merge.ts";
import type { Store } from "./store.ts";

/** A hold that has come up is not answered by a key meant for the one before it. */
const SETTLE_MS = 400;

/** The hold that `a`, `d` and `e` answer: that of the call looked at, else the marked one of the strip. */
export function chosenHold(store: Store): HoldRow | null {
  const { ui, model } = store;
  const { holds } = model;
  const of = (key: string | null | undefined) => holds.find((hold) => hold.key === key) ?? null;
  if (ui.view === "detail" && ui.detail) return ui.detail.kind === "call" ? of(ui.detail.row.key) : null;
  if (ui.pane === "calls" && !ui.follow) {
    const pointed = of(ui.cursors.calls.key);
    if (pointed) return pointed;
  }
  const list = store.content().holds;
  return list.at(windowOf(list, ui.cursors.holds, 1).selected) ?? null;
}

/** What a key or a command means: by `id`, or the chosen one; else why there is none. */
export function holdNamed(store: Store, id: string): HoldRow | string {
  const { holds } = store.model;
  if (id !== "") {
    const [hold, other] = holds.filter((each) => each.hold.id === id || each.key === id);
    if (other) return `several gateways hold a call ${id}: choose it with tab and j/k`;
    if (hold) return hold;
    const ids = holds.map((each) => each.hold.id).join(", ");
    return `no call ${id} is held${ids === "" ? "" : `; these are: ${ids}`}`;
  }
  const hold = chosenHold(store);
  if (!hold)
    return holds.length > 0 ? "this call is not held; esc goes back to those that are" : noHold(store);
  const { seen } = store;
  if (seen?.key !== hold.key || store.now() - seen.since < SETTLE_MS)
    return "this one has just come up: look at it, then press again";
  return hold;
}

/** Why there is none to answer. */
export function noHold({ model }: Store): string {
  if (model.allHolds.length > 0) return "what is held is held elsewhere: W looks at all gateways again";
  return "no call is held: rules with `action: ask` hold them";
}

/** A call's tool, as questions and answers name it. */
export function toolOf(store: Store, { key, hold }: HoldRow): string {
  return store.model.calls.get(key)?.call.tool ?? `call ${hold.id}`;
}

/** Sends an answer; what came of it is said when it has come. */
export async function answerHold(store: Store, row: HoldRow, command: string, said: string): Promise<void> {
  try {
    await store.options.ask(row.gateway, command);
    store.say(said);
  } catch (error) {
    store.notice((await goneText(store, row)) ?? (error instanceof Error ? error.message : String(error)));
  }
}

/** What became of a call that is held no more; null where it still is, as far as is known. */
export async function goneText(store: Store, { gateway, hold }: HoldRow): Promise<string | null> {
  // The gateway knows before the screen does.
  const answer = await store.options.ask(gateway, `why ${hold.id}`).catch(() => null);
  const call = callDetail.safeParse(answer).data?.call;
  if (call === undefined || call.verdict === "ask") return null;
  const said = call.verdict === "deny" ? `it was denied: ${call.message}` : "it went on";
  return `${call.tool} is no longer held: ${said}`;
}
