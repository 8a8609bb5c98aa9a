/** What `y` copies. */
import { type CallDetail, callDetail } from "../control/protocol.ts";
import { callSheet, jsonAt } from "./call-sheet.ts";
import { callInView, type OpenCall, pointed } from "./detail.ts";
import { jsonTree } from "./json/tree.ts";
import { textOf } from "./line.ts";
import type { Store } from "./store.ts";

/** The value at the mark; else the call or row pointed at, as JSON. null where there is none. */
export async function copied(store: Store): Promise<string | null> {
  const open = callInView(store);
  const value = open && jsonAt(callSheet(open, store.layout().body.width), open.line);
  if (value && value.copy !== "") return value.copy;
  const of = pointed(store);
  if (of === null) return null;
  if (of.kind === "answer") return textOf(of.lines(ANSWER_CELLS));
  if (of.kind !== "call") return JSON.stringify(of.row, withoutKey, 2);
  return callText(of, of.answer ?? (await detailOf(store, of)));
}

/** How wide an answer is copied. */
const ANSWER_CELLS = 100;

/** What is not known of a call that its gateway has forgotten is left out. */
async function detailOf(store: Store, { row }: OpenCall): Promise<CallDetail | null> {
  const answer = await store.options.ask(row.gateway, `why ${row.call.id}`).catch(() => null);
  return callDetail.safeParse(answer).data ?? null;
}

/** The arguments and the result as they stand: numbers keep their digits. */
function callText({ row: { call }, past }: OpenCall, detail: CallDetail | null): string {
  const { arguments: preview, ...facts } = call;
  const fields: [string, string][] = Object.entries(facts).map(([key, value]) => [
    key,
    JSON.stringify(value),
  ]);
  fields.push(["arguments", asJson(detail?.arguments ?? past?.arguments ?? preview)]);
  if (detail) {
    fields.push(["result", detail.result === null ? "null" : asJson(detail.result)]);
    fields.push(["hash", JSON.stringify(detail.hash)]);
  }
  return `{\n${fields.map(([key, text]) => `  ${JSON.stringify(key)}: ${text}`).join(",\n")}\n}`;
}

/** A text that was cut is no JSON: it goes as a string. */
function asJson(text: string): string {
  return jsonTree(text, text.endsWith("…")).whole ? text.replaceAll("\n", "\n  ") : JSON.stringify(text);
}

const withoutKey = (key: string, value: unknown): unknown => (key === "key" ? undefined : value);
