/** Opening the detail of a row, and fetching what only the gateway has. */
import { type CallDetail, callDetail } from "../control/protocol.ts";
import { windowOf } from "./cursor.ts";
import type { CounterRow, DenialRow } from "./merge.ts";
import type { CallRow } from "./model.ts";
import type { Store } from "./store.ts";

/** What the detail view shows. A call's `answer` is null while it is on its way; `why` when it did not come. */
export type Detail =
  | { kind: "call"; row: CallRow; answer: CallDetail | null; why: string | null }
  | { kind: "counter"; row: CounterRow }
  | { kind: "denial"; row: DenialRow };

export function openDetail(store: Store): null {
  const { ui } = store;
  const content = store.content();
  const chosen = <T extends { key: string }>(list: {
    length: number;
    at(i: number): T | undefined;
    indexOf(k: string): number;
  }) => list.at(windowOf(list, store.cursor(ui.pane), 1).selected);
  if (ui.pane === "calls") {
    const row = chosen(content.calls);
    if (row) show(store, { kind: "call", row, answer: null, why: null });
    if (row) void fetchCall(store, row);
  } else if (ui.pane === "counters") {
    const row = chosen(content.counters);
    if (row) show(store, { kind: "counter", row });
  } else {
    const row = chosen(content.denials);
    if (row) show(store, { kind: "denial", row });
  }
  return null;
}

/** The open call has a newer state: shows it, and asks again once it has settled. */
export function refreshDetail(store: Store): void {
  const { detail } = store.ui;
  if (detail?.kind !== "call") return;
  const newer = store.model.calls.get(detail.row.key);
  if (!newer || newer === detail.row) return;
  const settled = detail.row.call.outcome === null && newer.call.outcome !== null;
  detail.row = newer;
  if (settled) void fetchCall(store, newer);
}

function show(store: Store, detail: Detail): void {
  store.ui.detail = detail;
  store.ui.view = "detail";
  store.ui.scroll = 0;
}

async function fetchCall(store: Store, row: CallRow): Promise<void> {
  let answer: CallDetail | null = null;
  let why: string | null = null;
  try {
    const parsed = callDetail.safeParse(await store.options.ask(row.gateway, `call ${row.call.id}`));
    if (parsed.success) answer = parsed.data;
    else why = "the gateway's answer is not a call's detail; are it and this screen of one version?";
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
  }
  const { detail } = store.ui;
  // The person may have opened another meanwhile.
  if (detail?.kind !== "call" || detail.row.key !== row.key) return;
  if (answer) detail.answer = answer;
  detail.why = why;
  store.changed();
}
