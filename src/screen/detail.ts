/** Opening the detail of a row, and fetching what only the gateway has. */
import type { PastDetail } from "../control/past/detail.ts";
import { type CallDetail, callDetail } from "../control/protocol.ts";
import type { Answer } from "./answers.ts";
import type { CallRow } from "./calls.ts";
import { windowOf } from "./cursor.ts";
import type { GatewayRow } from "./gateways.ts";
import { chosenHold } from "./holds.ts";
import { type Folds, NO_FOLDS } from "./json/rows.ts";
import { standsStill } from "./loaded.ts";
import type { LogRow } from "./logs.ts";
import type { CounterRow, DenialRow } from "./merge.ts";
import type { PolicyRow } from "./policy-rows.ts";
import type { Keyed, List } from "./ring.ts";
import type { Store } from "./store.ts";
import type { AgentRow, ToolRow } from "./traffic.ts";

/**
 * A call looked at. Its `answer` is null while it is on its way, or where its gateway has none: then there is what
 * the audit log has of it, the `past`, or `why` there is neither.
 */
export type OpenCall = {
  kind: "call";
  row: CallRow;
  answer: CallDetail | null;
  past: PastDetail | null;
  why: string | null;
  folds: Folds;
  /** The row that keys are about. */
  line: number;
};

/** What the detail view shows. */
export type Detail =
  | OpenCall
  | { kind: "counter"; row: CounterRow }
  | { kind: "denial"; row: DenialRow }
  | { kind: "tool"; row: ToolRow }
  | { kind: "agent"; row: AgentRow }
  | { kind: "policy"; row: PolicyRow }
  | { kind: "gateway"; row: GatewayRow }
  | { kind: "log"; row: LogRow }
  | ({ kind: "answer" } & Answer);

export function openDetail(store: Store): string | null {
  const row = pointed(store);
  if (!row) return "this call is no longer kept: there is nothing to show of it";
  if (row.kind === "call") return openCall(store, row.row);
  show(store, row);
  return null;
}

export function openCall(store: Store, row: CallRow): null {
  show(store, opened(row));
  void fetchCall(store, row);
  return null;
}

/** The call whose detail is looked at. */
export function callInView({ ui }: Store): OpenCall | null {
  return ui.view === "detail" && ui.detail?.kind === "call" ? ui.detail : null;
}

/** The call before (-1) or after (1) the one looked at, among those in view; why not, where there is none. */
export function openNext(store: Store, by: 1 | -1): string | null {
  const detail = callInView(store);
  if (!detail) return "only a call has a next one; esc goes back to the panes";
  const { calls } = store.content();
  const at = calls.indexOf(detail.row.key);
  const row = at < 0 ? undefined : calls.at(at + by);
  if (!row)
    return at < 0 ? "this call is not among those in view" : `this is the ${by > 0 ? "last" : "first"} call`;
  store.ui.follow = false;
  store.ui.cursors.calls = { ...store.ui.cursors.calls, key: row.key };
  return openCall(store, row);
}

/** What the person points at: the open detail, or the chosen row of the pane. */
export function pointed(store: Store): Detail | null {
  const { ui } = store;
  if (ui.view === "detail") return ui.detail;
  const content = store.content();
  const chosen = <T extends Keyed>(list: List<T>) =>
    list.at(windowOf(list, store.cursor(ui.pane), 1).selected);
  switch (ui.pane) {
    case "counters":
      return as("counter", chosen(content.counters));
    case "denials":
      return as("denial", chosen(content.denials));
    case "tools":
      return as("tool", chosen(content.tools));
    case "agents":
      return as("agent", chosen(content.agents));
    case "policies":
      return as("policy", chosen(content.policies));
    case "gateways":
      return as("gateway", chosen(content.gateways));
    case "log":
      return as("log", chosen(content.log));
    case "calls":
      return call(chosen(content.calls));
    case "holds":
      return call(store.model.calls.get(chosenHold(store)?.key ?? ""));
  }
}

function as<Kind extends Detail["kind"], Row>(
  kind: Kind,
  row: Row | undefined,
): { kind: Kind; row: Row } | null {
  return row === undefined ? null : { kind, row };
}

function call(row: CallRow | undefined): Detail | null {
  return row === undefined ? null : opened(row);
}

/** A call as it is when it is first looked at. */
export function opened(row: CallRow): OpenCall {
  return { kind: "call", row, answer: null, past: null, why: null, folds: NO_FOLDS, line: 0 };
}

/** The open call has a newer state: shows it, and asks again once it has settled. */
export function refreshDetail(store: Store): void {
  const { detail } = store.ui;
  if (detail?.kind !== "call") return;
  const newer = store.model.calls.get(detail.row.key);
  if (!newer || newer === detail.row) return;
  const { call } = detail.row;
  const settled =
    call.verdict !== newer.call.verdict || (call.outcome === null && newer.call.outcome !== null);
  detail.row = newer;
  if (settled) void fetchCall(store, newer);
}

/** What a gateway answered. */
export function openAnswer(store: Store, answer: Answer): void {
  show(store, { kind: "answer", ...answer });
  store.changed("person");
}

function show(store: Store, detail: Detail): void {
  store.ui.detail = detail;
  store.ui.view = "detail";
  store.ui.scroll = 0;
}

/** Of a file's calls, the gateways that run now have nothing to tell. */
async function ask(store: Store, row: CallRow, command: string): Promise<unknown> {
  const still = standsStill(store);
  if (still !== null) throw new Error(still);
  return store.options.ask(row.gateway, command);
}

async function fetchCall(store: Store, row: CallRow): Promise<void> {
  let answer: CallDetail | null = null;
  let past: PastDetail | null = null;
  let why: string | null = null;
  try {
    const parsed = callDetail.safeParse(await ask(store, row, `why ${row.call.id}`));
    if (parsed.success) answer = parsed.data;
    else why = "the gateway's answer is not a call's detail; are it and this screen of one version?";
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
    const recorded = store.loaded?.recorded ?? store.options.recorded;
    past = await recorded(row).catch(() => null);
  }
  const { detail } = store.ui;
  // The person may have opened another meanwhile.
  if (detail?.kind !== "call" || detail.row.key !== row.key) return;
  if (answer) detail.answer = answer;
  detail.past = past;
  detail.why = why;
  store.changed();
}
